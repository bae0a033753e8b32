"""The measures of a picture's quality, as people read them."""

from collections.abc import Mapping

from weldspot_desktop.pictures.quality import Limits


def quality_words(measures: Mapping[str, float], limits: Limits | None = None) -> str:
    """One line of measures, or with limits a line for each measure.

    Parameters
    ----------
    measures
        As `pictures.quality.measure` gives them, or as a record holds them: what is missing is left out.
    limits
        Those that the picture was held against.
    """
    known = []
    if "brightness" in measures:
        within = f" of 255 ({limits.darkest:g} to {limits.brightest:g})" if limits is not None else ""
        known.append(f"Brightness {measures['brightness']:.0f}{within}")
    if "glare" in measures:
        within = f" (up to {100 * limits.glare:g} %)" if limits is not None else ""
        known.append(f"Glare {100 * measures['glare']:.0f} %{within}")
    if "blur" in measures:
        within = f" pixels (up to {limits.blur:g})" if limits is not None else ""
        known.append(f"Blur {measures['blur']:.1f}{within}")
    return ("\n" if limits is not None else "  ·  ").join(known)
