"""What all tests of this folder need."""
import signal

# Started in the background of a shell without job control, this process ignores Ctrl-C, and so would every program that
# the tests start to send it one. A handler is not passed on: they start with the default action.
signal.signal(signal.SIGINT, signal.default_int_handler)
