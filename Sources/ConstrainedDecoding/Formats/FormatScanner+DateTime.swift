/// Dates, times and durations of RFC 3339 (§5.6 and appendix A).
extension FormatScanner {
  /// `full-date`, with the days of the month.
  mutating func takeDate() -> Bool {
    guard let year = takeNumber(digits: 4), take("-"), let month = takeNumber(digits: 2), take("-"),
      let day = takeNumber(digits: 2), (1...12).contains(month)
    else { return false }
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    return day >= 1 && day <= days
  }

  /// `full-time`; a leap second only at the end of a day of UTC.
  mutating func takeTime() -> Bool {
    guard let hour = takeNumber(digits: 2), hour < 24, take(":"), let minute = takeNumber(digits: 2), minute < 60,
      take(":"),
      let second = takeNumber(digits: 2), second <= 60
    else { return false }
    if take("."), skip(while: \.isASCIIDigit) == 0 { return false }
    var offset = 0
    if !take(anyOf: "Zz") {
      let isAhead = next == "+"
      guard take(anyOf: "+-"), let hours = takeNumber(digits: 2), hours < 24, take(":"),
        let minutes = takeNumber(digits: 2),
        minutes < 60
      else { return false }
      offset = (isAhead ? 1 : -1) * (hours * 60 + minutes)
    }
    let minuteOfDay = (hour * 60 + minute - offset + 2 * 1440) % 1440
    return second < 60 || minuteOfDay == 1439
  }

  /// Years to seconds; a unit may be left out only before the first and after the last; weeks stand alone.
  mutating func takeDuration() -> Bool {
    guard take("P") else { return false }
    let start = at
    if skip(while: \.isASCIIDigit) > 0, take("W") { return true }
    at = start
    let dateUnits = takeUnits("YMD")
    guard dateUnits >= 0 else { return false }
    guard take("T") else { return dateUnits > 0 }
    return takeUnits("HMS") > 0
  }

  /// The number of units found in a row, -1 if there is a number without its unit.
  private mutating func takeUnits(_ units: String) -> Int {
    let units = Array(units.unicodeScalars)
    var following: Int?
    var found = 0
    while skip(while: \.isASCIIDigit) > 0 {
      guard let scalar = next, let place = units.firstIndex(of: scalar), following == nil || place == following else {
        return -1
      }
      at += 1
      following = place + 1
      found += 1
    }
    return found
  }
}
