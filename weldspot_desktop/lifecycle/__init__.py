"""What is done with a model between training and retirement: taken in, measured, judged by the gate, used, published.

The same for window and command line. All of it may take seconds and is called beside the window; `advance` is called
with what is done and how much there is, in the calling thread, and whatever it raises ends the work.
"""
