"""Training, evaluation and conversion: the only importer of TensorFlow, and only in a child process."""
