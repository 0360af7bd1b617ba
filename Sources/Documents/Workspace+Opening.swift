import CSamples
import Glibc
import JSON

extension Workspace {
  /// Opens what the command line names: a folder, or a sample by name; without an argument the current folder if it is a
  /// workspace, else the last one used, else the weather sample.
  public static func open(_ argument: String?, home: UserFolders = .current) throws(DocumentError) -> Workspace {
    if let argument {
      if FileSystem.isFolder(argument) { return try open(folder: argument) }
      if samples.contains(argument) { return try open(sample: argument, home: home) }
      if argument.contains("/") { throw .notAWorkspace(path: argument) }
      throw .noSuchSample(argument, known: samples)
    }
    if FileSystem.isFile("workspace.json") { return try open(folder: ".") }
    if let last = home.lastWorkspace, FileSystem.isFile(last + "/workspace.json") { return try open(folder: last) }
    return try open(sample: "weather", home: home)
  }

  /// Names of the sample workspaces in the binary.
  public static var samples: [String] {
    var names: [String] = []
    for path in EmbeddedFile.all(under: "Workspaces/").map(\.path) where path.hasSuffix("/workspace.json") {
      names.append(String(path.dropFirst("Workspaces/".count).dropLast("/workspace.json".count)))
    }
    return names
  }

  static func open(sample name: String, home: UserFolders) throws(DocumentError) -> Workspace {
    let changedCopy = home.workspaces + "/" + name
    if FileSystem.isFile(changedCopy + "/workspace.json") { return try open(folder: changedCopy) }
    let prefix = "Workspaces/\(name)/"
    var files: [String: [UInt8]] = [:]
    for file in EmbeddedFile.all(under: prefix) { files[String(file.path.dropFirst(prefix.count))] = file.bytes }
    var workspace = try assemble(
      .sample(name), name: name, display: "\(name) (sample)",
      names: { folder, suffix in
        let start = folder.isEmpty ? "" : folder + "/"
        return files.keys.filter { $0.hasPrefix(start) && $0.hasSuffix(suffix) }.map {
          String($0.dropFirst(start.count))
        }.sorted()
      },
      read: { path throws(DocumentError) in
        guard let bytes = files[path] else { throw .cannotRead(path: path, reason: "not in the sample") }
        return String(decoding: bytes, as: UTF8.self)
      })
    // Its runs are kept where its changed copy will be.
    workspace.notices += recoveredRuns(in: changedCopy)
    return workspace
  }

  /// What a crash left in the run log is said; that it cannot be mended, in a folder that cannot be written, too.
  private static func recoveredRuns(in folder: String) -> [String] {
    do throws(DocumentError) { return try RunLog.recover(in: folder) } catch { return [error.description] }
  }

  /// Opens a folder that holds `workspace.json`.
  public static func open(folder: String) throws(DocumentError) -> Workspace {
    guard FileSystem.isFile(folder + "/workspace.json") else { throw .notAWorkspace(path: folder) }
    var resolved = folder
    if let real = realpath(folder, nil) {
      resolved = String(cString: real)
      free(real)
    }
    var workspace = try assemble(
      .folder(resolved), name: FileSystem.lastComponent(of: resolved), display: folder,
      names: { subfolder, suffix throws(DocumentError) in
        try FileSystem.names(in: "\(resolved)/\(subfolder)", ending: suffix)
      },
      read: { path throws(DocumentError) in try FileSystem.readText("\(resolved)/\(path)") })
    workspace.notices += recoveredRuns(in: resolved)
    return workspace
  }

  private static func assemble(
    _ origin: Origin, name: String, display: String,
    names: (_ folder: String, _ suffix: String) throws(DocumentError) -> [String],
    read: (_ path: String) throws(DocumentError) -> String
  ) throws(DocumentError) -> Workspace {
    func json(_ path: String) throws(DocumentError) -> JSONValue {
      let text = try read(path)
      do { return try JSONValue(parsing: text, name: "\(display)/\(path)") } catch { throw .badJSON(error) }
    }
    let settings = try WorkspaceSettings(
      try json("workspace.json"), path: "\(display)/workspace.json", folderName: name)
    var workspace = Workspace(origin: origin, settings: settings)
    for file in try names("prompts", ".md") {
      let path = "prompts/\(file)"
      workspace.prompts.append(
        try PromptDocument(name: String(file.dropLast(3)), parsing: try read(path), path: "\(display)/\(path)"))
    }
    // A function's text is taken as it is: the editor shows its faults at their place.
    for file in try names("functions", ".json") {
      let name = String(file.dropLast(5))
      let text = try read("functions/\(file)")
      workspace.functions.append(
        FunctionDocument(name: name, text: text, isOn: !settings.functionsOff.contains(name)))
    }
    let order = settings.functionOrder
    workspace.functions =
      order.compactMap { name in workspace.functions.first { $0.name == name } }
      + workspace.functions.filter { !order.contains($0.name) }
    for file in try names("mocks", ".json") {
      workspace.mocks.append(MockDocument(name: String(file.dropLast(5)), value: try json("mocks/\(file)")))
    }
    for file in try names("commands", ".json") {
      workspace.commands.append(CommandDocument(name: String(file.dropLast(5)), value: try json("commands/\(file)")))
    }
    for file in try names("recordings", ".jsonl") {
      let path = "recordings/\(file)"
      workspace.recordings.append(
        try RecordingDocument(name: String(file.dropLast(6)), parsing: try read(path), path: "\(display)/\(path)"))
    }
    if try names("", "permissions.json").contains("permissions.json") {
      workspace.permissions = try json("permissions.json")
    }
    for file in try names("sampling", ".json") {
      guard case .object(let object) = try json("sampling/\(file)") else {
        throw .badDocument(path: "\(display)/sampling/\(file)", sentence: "an object of sampling settings is expected")
      }
      workspace.samplingPresets.append(SamplingPreset(name: String(file.dropLast(5)), settings: object))
    }
    return workspace
  }
}

/// A file of the samples and themes in the binary.
struct EmbeddedFile {
  let path: String
  let bytes: [UInt8]

  /// In order of their paths.
  static func all(under prefix: String) -> [EmbeddedFile] {
    UnsafeBufferPointer(start: sample_files(), count: sample_file_count()).compactMap { file in
      let path = String(cString: file.path)
      guard path.hasPrefix(prefix) else { return nil }
      return EmbeddedFile(path: path, bytes: Array(UnsafeBufferPointer(start: file.bytes, count: file.byte_count)))
    }
  }
}
