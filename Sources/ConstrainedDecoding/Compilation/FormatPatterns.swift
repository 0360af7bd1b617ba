/// Formats as regular expressions (RFC 3339 §5.6, RFC 9562 §4, RFC 5321, RFC 1123, RFC 3986, RFC 6901).
enum FormatPatterns {
  private static let date =
    "((\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8])))"
    + "|((\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29))"
  private static let time = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?([zZ]|[+-]([01]\\d|2[0-3]):[0-5]\\d)"
  private static let octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
  private static let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
  private static let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
  private static let uriCharacter = "([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})"

  static let sources: [String: String] = [
    "date": "^\(date)$",
    "time": "^\(time)$",
    "date-time": "^\(date)[tT]\(time)$",
    "duration":
      "^P(\\d+W|(\\d+Y(\\d+M(\\d+D)?)?|\\d+M(\\d+D)?|\\d+D)(T(\\d+H(\\d+M(\\d+S)?)?|\\d+M(\\d+S)?|\\d+S))?|T(\\d+H(\\d+M(\\d+S)?)?|\\d+M(\\d+S)?|\\d+S))$",
    "uuid": "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
    "email": "^\(atom)(\\.\(atom))*@\(label)(\\.\(label))*$",
    "hostname": "^\(label)(\\.\(label))*$",
    "ipv4": "^\(octet)\\.\(octet)\\.\(octet)\\.\(octet)$",
    "ipv6": ipv6,
    "uri": "^[A-Za-z][A-Za-z0-9+.-]*:(//\(authority)(/\(pathCharacter)*)?|\(pathStart)\(pathCharacter)*|)\(tail)$",
    "json-pointer": "^(/([^~/]|~[01])*)*$",
  ]

  private static let pathCharacter = "([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
  private static let pathStart = "(/?([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}))"
  private static let authority =
    "(([A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?([A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(:\\d*)?"
  private static let tail = "(\\?\(uriCharacter)*)?(#\(uriCharacter)*)?"

  /// Formats whose pattern admits a little more than the format.
  static let inexact: Set<String> = ["hostname", "email"]

  private static let ipv6: String = {
    let group = "[0-9A-Fa-f]{1,4}"
    let last = "(\(group):\(group)|\(octet)\\.\(octet)\\.\(octet)\\.\(octet))"
    var forms = ["(\(group):){6}\(last)"]
    // RFC 3986 §3.2.2: groups before "::", groups after it.
    let rows: [(after: Int, endsLong: Bool, before: Int)] = [
      (5, true, 0), (4, true, 1), (3, true, 2), (2, true, 3), (1, true, 4), (0, true, 5),
    ]
    for row in rows {
      let before = row.before == 0 ? "" : "((\(group):){0,\(row.before - 1)}\(group))?"
      forms.append("\(before)::(\(group):){\(row.after)}\(last)")
    }
    forms.append("((\(group):){0,5}\(group))?::\(group)")
    forms.append("((\(group):){0,6}\(group))?::")
    return "^(" + forms.joined(separator: "|") + ")$"
  }()
}
