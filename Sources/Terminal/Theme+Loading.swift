internal import CSamples
internal import Glibc

extension Theme {
  /// Finds a theme and reads it.
  ///
  /// A name with "/" is a file's path. Any other is `NAME.theme` in the user's own folder,
  /// `$XDG_CONFIG_HOME/lathe/themes`, or else one of the embedded ones.
  /// - Throws: `ThemeError.unknown` when there is no such theme, `.unreadable` or `.syntax` for a file.
  public static func load(named name: String) throws(ThemeError) -> Theme {
    if name.contains("/") {
      return try Theme(parsing: contents(of: name), name: name)
    }
    if let folder = userFolder {
      let path = "\(folder)/\(name).theme"
      if access(path, F_OK) == 0 { return try Theme(parsing: contents(of: path), name: path) }
    }
    if let source = embedded[name] {
      return try Theme(parsing: source, name: "\(name).theme")
    }
    throw .unknown(name: name, available: names)
  }

  /// The themes that `load` knows by name, sorted: the user's own and the embedded ones.
  public static var names: [String] {
    var names = Set(embedded.keys)
    if let folder = userFolder, let directory = opendir(folder) {
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name.hasSuffix(fileExtension), name.first != "." { names.insert(String(name.dropLast(fileExtension.count))) }
      }
    }
    return names.sorted()
  }

  private static let fileExtension = ".theme"

  /// Source by name, from `Themes/` as the program was built.
  static let embedded: [String: String] = {
    var sources: [String: String] = [:]
    for file in UnsafeBufferPointer(start: sample_files(), count: sample_file_count()) {
      let path = String(cString: file.path)
      guard path.hasPrefix("Themes/"), path.hasSuffix(fileExtension) else { continue }
      let name = String(path.dropFirst("Themes/".count).dropLast(fileExtension.count))
      sources[name] = String(
        decoding: UnsafeBufferPointer(start: file.bytes, count: file.byte_count), as: UTF8.self)
    }
    return sources
  }()

  /// `$XDG_CONFIG_HOME/lathe/themes`, else `~/.config/lathe/themes`; nil without a home.
  private static var userFolder: String? {
    func variable(_ name: String) -> String? {
      guard let value = getenv(name), value.pointee != 0 else { return nil }
      return String(cString: value)
    }
    if let config = variable("XDG_CONFIG_HOME") { return config + "/lathe/themes" }
    return variable("HOME").map { $0 + "/.config/lathe/themes" }
  }

  private static func contents(of path: String) throws(ThemeError) -> String {
    guard let file = fopen(path, "re") else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { break }
      bytes += block[..<count]
    }
    guard ferror(file) == 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .unreadable(path: path, reason: "it is not UTF-8 text")
    }
    return text
  }
}
