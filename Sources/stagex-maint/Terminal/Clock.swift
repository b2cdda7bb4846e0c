internal import GitBridge
internal import Glibc
internal import Review

enum Clock {
  /// Seconds since 1970.
  static var now: Int64 { Int64(time(nil)) }
  static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
