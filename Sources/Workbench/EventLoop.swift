import Documents
import Engine
import Glibc
import Terminal
import Tools

/// The one place with a clock and with side effects: waits for the terminal and the mailbox, hands events to the app,
/// does what it asks for, and paints. Keys are painted at once, the engine's events at most 60 times a second.
@MainActor
final class EventLoop {
  /// What other threads send.
  enum Message: Sendable {
    case event(AppEvent)
    case loaded(any Backend)
  }

  private static let frameInterval: Duration = .microseconds(16_600)
  private static let tickInterval: Duration = .milliseconds(100)

  private let app: App
  private let screen: any Screen
  private let mailbox: Mailbox<Message>
  private let options: WorkbenchOptions
  private let start = ContinuousClock.now
  private let buffer: CellBuffer
  private var backend: (any Backend)?
  private var generations: [Int: (task: Task<Void, Never>, stop: StopSignal?)] = [:]
  private var desks: [Int: (desk: CallDesk, task: Task<Void, Never>)] = [:]
  private var cacheIsBeingRead = false
  private var isDone = false
  private var lastPaint: Duration = .zero
  /// Something has changed since the last frame; urgent if the user waits for it.
  private var isDirty = true
  private var isUrgent = true
  /// When the first token of an answer that has not been painted came.
  private var firstTokenAt: Duration?

  init(app: App, screen: any Screen, mailbox: Mailbox<Message>, options: WorkbenchOptions) {
    self.app = app
    self.screen = screen
    self.mailbox = mailbox
    self.options = options
    buffer = CellBuffer(width: screen.size.columns, height: screen.size.rows)
  }

  private var now: Duration { ContinuousClock.now - start }

  /// Returns when the user has quit or the terminal is gone.
  func run() {
    screen.setTitle("lathe \u{2014} \(app.session.workspaceName)")
    update(.input(.resize(columns: screen.size.columns, rows: screen.size.rows)))
    paint()
    update(.notices(app.session.workspace.notices))
    load()
    while !isDone {
      for event in screen.nextEvents(timeout: timeout) {
        if case .resize = event { resize() }
        update(.input(event))
        isUrgent = true
        if isDone { break }
      }
      mailbox.waker.clear()
      for message in mailbox.drain() { receive(message) }
      if app.isAnimated || app.session.notice != nil, now - lastPaint >= Self.tickInterval { update(.tick) }
      if isDirty, isUrgent || now - lastPaint >= Self.frameInterval { paint() }
    }
    for generation in generations.values { generation.task.cancel() }
    for desk in desks.values { desk.task.cancel() }
    // A program that is being run ends with the workbench: its group is killed within hundredths of a second.
    let deadline = now + .seconds(1)
    while !desks.isEmpty, now < deadline {
      usleep(5_000)
      for case .event(.callsEnded(let batch, _)) in mailbox.drain() { desks[batch] = nil }
    }
  }

  /// How long nothing needs to be done.
  private var timeout: Duration? {
    if isDirty { return max(.zero, Self.frameInterval - (now - lastPaint)) }
    if app.isAnimated { return Self.tickInterval }
    return app.session.notice == nil ? nil : .seconds(1)
  }

  private func resize() {
    buffer.resize(width: screen.size.columns, height: screen.size.rows)
  }

  private func paint() {
    app.draw(into: buffer, now: now)
    lastPaint = now
    isUrgent = false
    // A frame that the terminal did not take is drawn again when it does.
    isDirty = !screen.present(buffer)
    if !isDirty, let arrived = firstTokenAt {
      firstTokenAt = nil
      update(.painted(took: now - arrived))
    }
  }

  private func receive(_ message: Message) {
    switch message {
    case .loaded(let backend):
      self.backend = backend
      update(.modelReady(backend.info))
    case .event(let event):
      switch event {
      case .generation(_, .token(let token)) where token.index == 0:
        firstTokenAt = now
        isUrgent = true
      case .streamEnded(let answer): generations[answer] = nil
      case .callsEnded(let batch, _): desks[batch] = nil
      case .permissionWanted, .resultWanted, .documents: isUrgent = true
      case .cacheMap: cacheIsBeingRead = false
      default: break
      }
      update(event)
    }
  }

  private func update(_ event: AppEvent) {
    isDirty = true
    for effect in app.update(event, at: now) { perform(effect) }
  }

  // MARK: - Effects

  private func perform(_ effect: Effect) {
    switch effect {
    case .generate(let answer, let request): generate(answer, request)
    case .stop(let answer): stop(answer)
    case .runCalls(let batch, let calls): run(calls, batch)
    case .answerPermission(let batch, let id, let answer): desks[batch]?.desk.answer(id, answer)
    case .giveResult(let batch, let id, let result): desks[batch]?.desk.give(id, result)
    case .trustRules:
      report { () throws(DocumentError) in try options.folders.trustRules(of: app.session.workspace) }
    case .stopCalls(let batch): desks[batch]?.task.cancel()
    case .preview(let request): preview(request)
    case .measureFunctions(let request): measureFunctions(request)
    case .choose(let request): choose(request)
    case .readCacheMap: readCacheMap()
    case .edit(let purpose, let text, let fileExtension): edit(purpose, text, fileExtension)
    case .copy(let text): screen.copyToClipboard(text)
    case .save(let changes): save(changes)
    case .documents(let request): perform(request)
    case .open(let name): open(name)
    case .record(let record): append(record)
    case .remember(let line): report { () throws(DocumentError) in try options.folders.appendHistory(line) }
    case .suspend: screen.suspendProcess()
    case .redraw: screen.repaint()
    case .quit: isDone = true
    }
  }

  private func load() {
    let mailbox = mailbox
    let load = options.loadModel
    update(.modelLoading(name: options.modelName, done: nil))
    let name = options.modelName
    Task.detached {
      do throws(ModelLoadingError) {
        let backend = try await load { done in mailbox.post(.event(.modelLoading(name: name, done: done))) }
        mailbox.post(.loaded(backend))
      } catch {
        mailbox.post(.event(.modelFailed(error.sentence)))
      }
    }
  }

  private func generate(_ answer: Int, _ request: GenerationRequest) {
    guard let backend else { return }
    let mailbox = mailbox
    // A model of our own ends with a summary when it is stopped; another one's stream is dropped.
    let stop = backend is LocalBackend ? StopSignal() : nil
    // Detached, so that the events do not wait for this thread, which blocks in poll.
    let task = Task.detached {
      let stream =
        if let stop, let local = backend as? LocalBackend { local.generate(request, stop: stop) } else {
          backend.generate(request)
        }
      for await event in stream { mailbox.post(.event(.generation(answer: answer, event))) }
      mailbox.post(.event(.streamEnded(answer: answer)))
    }
    generations[answer] = (task, stop)
  }

  private func stop(_ answer: Int) {
    guard let generation = generations[answer] else { return }
    if let stop = generation.stop { stop.raise() } else { generation.task.cancel() }
  }

  private func run(_ calls: [ToolCall], _ batch: Int) {
    let mailbox = mailbox
    let desk = CallDesk(batch: batch) { mailbox.post(.event($0)) }
    let runner = app.session.callRunner(asking: desk, home: options.folders)
    let task = Task.detached {
      let outcomes = await runner.run(calls) { mailbox.post(.event(.call(batch: batch, index: $0, $1))) }
      mailbox.post(.event(.callsEnded(batch: batch, outcomes)))
    }
    desks[batch] = (desk, task)
  }

  private func preview(_ request: GenerationRequest) {
    guard let backend else { return }
    let mailbox = mailbox
    Task.detached {
      do throws(GenerationError) {
        mailbox.post(.event(.previewed(.success(try await backend.preview(request)))))
      } catch {
        mailbox.post(.event(.previewed(.failure(error))))
      }
    }
  }

  private func measureFunctions(_ request: GenerationRequest) {
    guard let backend else { return }
    let mailbox = mailbox
    Task.detached {
      // A schema that the template cannot take is said by the preview of the conversation.
      mailbox.post(.event(.functionCosts(try? await FunctionCosts(of: request, by: backend))))
    }
  }

  private func choose(_ request: GenerationRequest) {
    let mailbox = mailbox
    // Another program's model does not tell.
    guard let local = backend as? LocalBackend else { return update(.chosen(nil, took: .zero)) }
    let start = ContinuousClock.now
    Task.detached {
      let choice = try? await local.choose(request)
      mailbox.post(.event(.chosen(choice, took: ContinuousClock.now - start)))
    }
  }

  private func readCacheMap() {
    guard let backend, !cacheIsBeingRead else { return }
    cacheIsBeingRead = true
    let mailbox = mailbox
    Task.detached { mailbox.post(.event(.cacheMap(await backend.cacheMap()))) }
  }

  private func edit(_ purpose: EditPurpose, _ text: String, _ fileExtension: String) {
    do throws(TerminalError) {
      let file = try TemporaryFile(text, fileExtension: fileExtension)
      defer { file.remove() }
      try screen.edit(file: file.path)
      let edited = file.read()
      update(.edited(purpose, text: edited == text ? nil : edited))
    } catch {
      update(.notice(Notice(.error, error.description)))
    }
    isUrgent = true
  }

  private func save(_ changes: [WorkspaceChange]) {
    var workspace = app.session.workspace
    let isTrusted = options.folders.trustsRules(workspace.rulesHash)
    report { () throws(DocumentError) in
      for change in changes { try workspace.save(change, home: options.folders) }
      // Rules that are the user's own are that too under a function's new name.
      if isTrusted, !options.folders.trustsRules(workspace.rulesHash) { try options.folders.trustRules(of: workspace) }
      update(.saved(workspace))
    }
  }

  private func perform(_ request: DocumentRequest) {
    let (workspace, home) = (app.session.workspace, options.folders)
    // What changes the workspace is done here, so that nothing else changes it meanwhile.
    if case .restore = request { return update(.documents(request.reply(workspace, home: home))) }
    let mailbox = mailbox
    Task.detached { mailbox.post(.event(.documents(request.reply(workspace, home: home)))) }
  }

  private func open(_ name: String) {
    report { () throws(DocumentError) in
      let workspace = try Workspace.open(name, home: options.folders)
      update(.opened(workspace))
      if case .folder(let path) = workspace.origin { try options.folders.rememberWorkspace(path) }
    }
  }

  private func append(_ record: RunRecord) {
    report { () throws(DocumentError) in
      let folder = app.session.workspace.logFolder(home: options.folders)
      let revisions = RevisionStore(folder: folder)
      for text in record.definitions { try revisions.keep(Array(text.utf8), ending: ".json") }
      try RunLog(folder: folder).append(
        kind: record.kind.rawValue, run: record.run, day: RunLog.today(), record.members)
    }
  }

  /// Does something with files; a fault goes to the footer.
  private func report(_ body: () throws(DocumentError) -> Void) {
    do throws(DocumentError) {
      try body()
    } catch {
      update(.notice(Notice(.error, error.description)))
    }
  }
}
