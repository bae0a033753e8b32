"""Reports as PDF: reportlab draws, templates say what."""
