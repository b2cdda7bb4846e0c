internal import Glibc

/// The three files that every program expects to be open.
enum StandardFiles {
  /// Fills those that are closed.
  ///
  /// Attack: a hook that is started without standard error would get that number for the next file that it opens, and
  /// write its messages into it. What stands in for input cannot be read, so that no input is never taken for an empty
  /// one; what stands in for output cannot be written, so that a result is not lost in silence.
  static func fill() {
    for file in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(file, F_GETFD) < 0 {
      // The lowest free number is taken, and those below are open.
      let opened = unsafe open("/dev/null", file == STDOUT_FILENO ? O_RDONLY : O_WRONLY)
      // Without it nothing can be said, and nothing is.
      if opened != file { exit(2) }
    }
  }

  /// A reader who has gone away is an error of writing and not a signal that ends the program without a word.
  static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }
}
