import Glibc

/// What `strftime_now` takes for now.
public enum TemplateClock: Sendable {
  /// The machine's local time.
  case system
  /// A given local time, for tests and for replaying a run.
  case fixed(LocalTime)

  var now: LocalTime {
    switch self {
    case .system: LocalTime.current()
    case .fixed(let time): time
    }
  }
}

/// A calendar time without a zone.
public struct LocalTime: Sendable, Equatable {
  public var year: Int
  /// 1–12.
  public var month: Int
  /// 1–31.
  public var day: Int
  public var hour: Int
  public var minute: Int
  public var second: Int
  public var microsecond: Int

  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  static func current() -> LocalTime {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    localtime_r(&now.tv_sec, &parts)
    return LocalTime(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday), hour: Int(parts.tm_hour),
      minute: Int(parts.tm_min), second: Int(parts.tm_sec), microsecond: now.tv_nsec / 1000)
  }

  /// Days since 1 January, from 0.
  private var yearDay: Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][max(0, min(month - 1, 11))]
    return before + day - 1 + (isLeap && month > 2 ? 1 : 0)
  }

  /// 0 is Sunday (Zeller's congruence).
  private var weekday: Int {
    let m = month < 3 ? month + 12 : month
    let y = month < 3 ? year - 1 : year
    return (day + 13 * (m + 1) / 5 + y + y / 4 - y / 100 + y / 400 + 6) % 7
  }

  /// The week of ISO 8601 and the year it belongs to: week 1 has the year's first Thursday.
  private var isoWeek: (year: Int, week: Int) {
    func weeks(_ year: Int) -> Int {
      func dayOfLast(_ year: Int) -> Int { (year + year / 4 - year / 100 + year / 400) % 7 }
      return dayOfLast(year) == 4 || dayOfLast(year - 1) == 3 ? 53 : 52
    }
    let week = (yearDay + 1 - (weekday == 0 ? 7 : weekday) + 10) / 7
    if week < 1 { return (year - 1, weeks(year - 1)) }
    return week > weeks(year) ? (year + 1, 1) : (year, week)
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  /// C's `strftime` in the C locale, whatever locale the terminal has set.
  func formatted(_ format: String) -> String {
    var output = ""
    var scalars = format.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%", var letter = scalars.next() else {
        output.unicodeScalars.append(scalar)
        continue
      }
      var isPadded = true
      if letter == "-", let next = scalars.next() {
        isPadded = false
        letter = next
      }
      if let part = part(letter, isPadded) {
        output += part
      } else {
        output += isPadded ? "%" : "%-"
        output.unicodeScalars.append(letter)
      }
    }
    return output
  }

  private func part(_ letter: Unicode.Scalar, _ isPadded: Bool) -> String? {
    func number(_ value: Int, _ width: Int = 2, _ fill: String = "0") -> String {
      let digits = String(value)
      return isPadded ? String(repeating: fill, count: max(0, width - digits.count)) + digits : digits
    }
    let month = Self.months[max(0, min(self.month - 1, 11))]
    let hour12 = hour % 12 == 0 ? 12 : hour % 12
    switch letter {
    case "Y": return String(year)
    case "y": return number(year % 100)
    case "C": return number(year / 100)
    case "m": return number(self.month)
    case "d": return number(day)
    case "e": return number(day, 2, " ")
    case "j": return number(yearDay + 1, 3)
    case "H": return number(hour)
    case "k": return number(hour, 2, " ")
    case "I": return number(hour12)
    case "l": return number(hour12, 2, " ")
    case "M": return number(minute)
    case "S": return number(second)
    case "f": return number(microsecond, 6)
    case "p": return hour < 12 ? "AM" : "PM"
    case "A": return Self.weekdays[weekday]
    case "a": return String(Self.weekdays[weekday].prefix(3))
    case "B": return month
    case "b", "h": return String(month.prefix(3))
    case "w": return String(weekday)
    case "u": return String(weekday == 0 ? 7 : weekday)
    case "U": return number((yearDay + 7 - weekday) / 7)
    case "W": return number((yearDay + 7 - (weekday + 6) % 7) / 7)
    case "V": return number(isoWeek.week)
    case "G": return String(isoWeek.year)
    case "F": return formatted("%Y-%m-%d")
    case "T", "X": return formatted("%H:%M:%S")
    case "R": return formatted("%H:%M")
    case "D", "x": return formatted("%m/%d/%y")
    case "r": return formatted("%I:%M:%S %p")
    case "c": return formatted("%a %b %e %H:%M:%S %Y")
    case "z", "Z": return ""
    case "n": return "\n"
    case "t": return "\t"
    case "%": return "%"
    default: return nil
    }
  }
}
