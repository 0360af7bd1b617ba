internal import Glibc

/// How long this process has been running, the time before its first instruction included: what a user waits.
public enum ProcessAge {
  /// To a hundredth of a second, the system's tick; nil where `/proc/self/stat` (proc(5)) does not tell.
  public static var now: Duration? {
    guard let file = fopen("/proc/self/stat", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [CChar](repeating: 0, count: 1024)
    guard fgets(&bytes, Int32(bytes.count), file) != nil else { return nil }
    let text = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The second field is the program's name in brackets and may hold anything; the start time is the 22nd.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    let ticksPerSecond = sysconf(Int32(_SC_CLK_TCK))
    var uptime = timespec()
    guard fields.count > 20, let ticks = Int(fields[20]), ticksPerSecond > 0, clock_gettime(CLOCK_BOOTTIME, &uptime) == 0 else {
      return nil
    }
    let boot = Duration.seconds(uptime.tv_sec) + .nanoseconds(uptime.tv_nsec)
    return max(.zero, boot - .seconds(Double(ticks) / Double(ticksPerSecond)))
  }
}
