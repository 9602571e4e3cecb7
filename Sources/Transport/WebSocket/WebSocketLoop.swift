// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// One WebSocket on a thread of its own: it alone reads and writes the connection. Others leave frames to send, and pick up messages.
final class WebSocketLoop: Sendable {
    /// What may wait unread or unsent before whoever brings more must wait too.
    private static let inboxLimit = 256 * 1024, outboxLimit = 256 * 1024
    /// The longest message that is taken; an API server sends pieces of 32 KiB.
    private static let messageLimit = 4 << 20
    /// How long the other side is waited for once both said goodbye.
    private static let goodbye = Duration.seconds(2)

    private struct State {
        var outbox: [UInt8] = []
        var inbox: [[UInt8]] = []
        var inboxBytes = 0
        var opening: Result<WebSocketAnswer.Opening, TransportError>?
        var end: Result<Void, TransportError>?
        var isClosing = false
        var isAborted = false
        var changes: UInt64 = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let request: HTTPRequest
    private let handshake: WebSocketHandshake
    private let lifetime: Duration
    private let random: @Sendable () -> UInt32

    init(
        _ request: HTTPRequest, protocols: [String], lifetime: Duration, random: @escaping @Sendable () -> UInt32
    ) throws(TransportError) {
        self.request = request
        self.lifetime = lifetime
        self.random = random
        wakeUp = try WakeUp()
        let key = (0..<4).flatMap { _ in withUnsafeBytes(of: random()) { Array($0) } }
        handshake = WebSocketHandshake(random: key, protocols: protocols)
    }

    // MARK: The tasks' side

    /// Starts the thread and waits until the other side has answered.
    func open(tls: TLSSettings, proxy: String?) async throws(TransportError) -> WebSocketAnswer.Opening {
        let job = Job(loop: self, tls: tls, proxy: proxy)
        let me = Unmanaged.passRetained(job)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { context in
            guard let context else { return nil }
            Unmanaged<Job>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }, me.toOpaque())
        guard code == 0 else {
            me.release()
            throw TransportError(.connect, "No thread for a connection: \(String(cString: strerror(code))).", isKnownUnsent: true)
        }
        pthread_detach(thread)
        return try await waiting { state in state.opening }.get()
    }

    /// Leaves a message to send; waits while too much is unsent.
    func send(_ payload: some Collection<UInt8>) async throws(TransportError) {
        let frame = WebSocketFrame.bytes(.binary, payload, mask: random())
        let result: Result<Void, TransportError> = try await waiting { state in
            if case .failure(let error) = state.end { return .failure(error) }
            guard state.end == nil, !state.isClosing else {
                return .failure(TransportError(.protocol, "The connection is closed: nothing more can be sent."))
            }
            guard state.outbox.isEmpty || state.outbox.count + frame.count <= Self.outboxLimit else { return nil }
            state.outbox += frame
            return .success(())
        }
        wakeUp.ring()
        try result.get()
    }

    /// The next message; nil when the other side has closed in order.
    func next() async throws(TransportError) -> [UInt8]? {
        let result: Result<[UInt8]?, TransportError> = try await waiting { state in
            if !state.inbox.isEmpty {
                let message = state.inbox.removeFirst()
                state.inboxBytes -= message.count
                return .success(message)
            }
            return state.end?.map { nil }
        }
        wakeUp.ring()
        return try result.get()
    }

    /// Says goodbye; what was left to send goes first.
    func close() {
        state.withLock { $0.isClosing = true }
        wakeUp.ring()
    }

    /// Ends the connection at once.
    func abort() {
        change { $0.isAborted = true }
        wakeUp.ring()
    }

    /// Suspends until `look` finds something. When the task is cancelled, the connection ends.
    private func waiting<Value: Sendable>(
        _ look: @Sendable (inout sending State) -> Value?
    ) async throws(TransportError) -> Value {
        let found: Value? = await withTaskCancellationHandler {
            while true {
                let (value, isAborted, seen) = state.withLock { state in (look(&state), state.isAborted, state.changes) }
                if let value { return value }
                if isAborted { return nil }
                await changed(since: seen)
            }
        } onCancel: {
            abort()
        }
        guard let found else { throw TransportError(.cancelled, "\(address): the connection was given up by its caller.") }
        return found
    }

    private func changed(since seen: UInt64) async {
        await withCheckedContinuation { continuation in
            let goOn = state.withLock { state in
                if state.changes != seen { return true }
                state.waiters.append(continuation)
                return false
            }
            if goOn { continuation.resume() }
        }
    }

    private func change(_ body: (inout sending State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            state.changes += 1
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume() }
    }

    // MARK: The thread's side

    private final class Job {
        let loop: WebSocketLoop, tls: TLSSettings, proxy: String?

        init(loop: WebSocketLoop, tls: TLSSettings, proxy: String?) {
            self.loop = loop
            self.tls = tls
            self.proxy = proxy
        }

        func run() { loop.run(tls, proxy) }
    }

    private func run(_ tls: TLSSettings, _ proxy: String?) {
        let line = WebSocketLine(request, tls: tls, proxy: proxy, wakeUp: wakeUp)
        let result: Result<Void, TransportError>
        do throws(TransportError) {
            try line.connect { [self] in state.withLock(\.isAborted) }
            if let rest = try open(line) { try exchange(line, rest) }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        change { state in
            if case .failure(let error) = result, state.opening == nil { state.opening = .failure(error) }
            state.end = result
        }
    }

    /// Nil when the server refuses; else the bytes that came behind its answer.
    private func open(_ line: WebSocketLine) throws(TransportError) -> [UInt8]? {
        guard let head = handshake.request(request, authority: line.authority) else {
            throw TransportError(.protocol, "\(address) is no address.", isKnownUnsent: true)
        }
        let deadline = ContinuousClock.now + request.limits.total
        var unsent = head[...]
        var answer = HandshakeAnswer()
        while true {
            if !unsent.isEmpty { unsent = unsent.dropFirst(try line.send(unsent)) }
            switch try line.receive() {
            case .bytes(let bytes):
                guard let reading = try take(bytes, &answer) else { continue }
                if case .head(let head) = reading {
                    if let objection = handshake.objection(to: head) { throw broken(objection) }
                    change { $0.opening = .success(.opened(head)) }
                    return answer.bytes
                }
                if case .whole(let response) = reading { change { $0.opening = .success(.refused(response)) } }
                return nil
            case .end:
                guard let response = answer.ended else { throw broken("it ended the connection before it answered") }
                change { $0.opening = .success(.refused(response)) }
                return nil
            case .nothingYet:
                try wait(line, reading: true, writing: !unsent.isEmpty, until: deadline, "no answer within the time limit")
            }
        }
    }

    private func take(
        _ bytes: ArraySlice<UInt8>, _ answer: inout HandshakeAnswer
    ) throws(TransportError) -> HandshakeAnswer.Reading? {
        do throws(WebSocketFault) { return try answer.take(bytes) } catch { throw broken(error.sentence) }
    }

    private func exchange(_ line: WebSocketLine, _ rest: [UInt8]) throws(TransportError) {
        var decoder = WebSocketDecoder(limit: Self.messageLimit)
        var silence = Silence(limit: request.limits.idle), deadline = ContinuousClock.now + lifetime
        var unsent: ArraySlice<UInt8> = [], isClosing = false
        var isOver = try take(rest[...], &decoder, line)
        while !isOver {
            // Here too: a side that never pauses lets nobody come to wait.
            if isClosing, ContinuousClock.now >= deadline { return }
            try checkTime(deadline)
            if unsent.isEmpty, !isClosing {
                let (next, mayClose) = state.withLock { state in
                    defer { state.outbox = [] }
                    return (state.outbox, state.isClosing)
                }
                change { _ in }
                isClosing = mayClose
                unsent = next[...] + (mayClose ? frame(.close, WebSocketFrame.closing(WebSocketFrame.normalClosure)) : [])
                if mayClose { deadline = min(deadline, .now + Self.goodbye) }
            }
            if !unsent.isEmpty { unsent = unsent.dropFirst(try line.send(unsent)) }
            let hasRoom = isClosing || state.withLock { $0.inboxBytes < Self.inboxLimit }
            switch hasRoom ? try line.receive() : .nothingYet {
            case .bytes(let bytes):
                silence.heard()
                isOver = try take(bytes, &decoder, line)
            case .end:
                if isClosing { return }
                throw broken("it ended the connection \(decoder.isWithin ? "in the middle of a message" : "without a word")")
            case .nothingYet:
                if !hasRoom { silence.heard() }
                switch silence.step() {
                case .ping: unsent += frame(.ping, [])
                case .dead: throw broken("nothing came from it for \(request.limits.idle), not even an answer to a ping")
                case .wait: break
                }
                do throws(TransportError) {
                    try wait(line, reading: hasRoom, writing: !unsent.isEmpty, until: min(deadline, silence.next), "the time is over")
                } catch {
                    if isClosing, error.code == .timeout { return }
                    guard error.code == .timeout, ContinuousClock.now < deadline else { throw error }
                }
            }
        }
    }

    /// True when the other side has closed.
    private func take(_ bytes: ArraySlice<UInt8>, _ decoder: inout WebSocketDecoder, _ line: WebSocketLine) throws(TransportError) -> Bool {
        let events: [WebSocketDecoder.Event]
        do throws(WebSocketFault) { events = try decoder.take(bytes) } catch {
            _ = try? line.send(frame(.close, WebSocketFrame.closing(error.closeCode))[...])
            throw broken(error.sentence)
        }
        for event in events {
            switch event {
            case .message(let message):
                change { state in
                    guard !state.isClosing else { return }
                    state.inbox.append(message)
                    state.inboxBytes += message.count
                }
            case .ping(let payload): change { $0.outbox += frame(.pong, payload) }
            case .pong: break
            case .close(let code, let reason):
                _ = try? line.send(frame(.close, code.map(WebSocketFrame.closing) ?? [])[...])
                guard code == nil || code == WebSocketFrame.normalClosure || code == 1001 else {
                    throw broken("it closed the connection with the code \(code ?? 0): \(reason)")
                }
                return true
            }
        }
        return false
    }

    private func wait(
        _ line: WebSocketLine, reading: Bool, writing: Bool, until deadline: ContinuousClock.Instant, _ why: String
    ) throws(TransportError) {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { throw TransportError(.timeout, "\(address): \(why)") }
        line.wait(reading: reading, writing: writing, milliseconds: left.milliseconds)
        guard !state.withLock(\.isAborted) else { throw TransportError(.cancelled, "\(address): given up by the caller.") }
    }

    private func checkTime(_ deadline: ContinuousClock.Instant) throws(TransportError) {
        guard !state.withLock(\.isAborted) else { throw TransportError(.cancelled, "\(address): given up by the caller.") }
        guard ContinuousClock.now < deadline else { throw TransportError(.timeout, "\(address): the time is over") }
    }

    private func frame(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8]) -> [UInt8] {
        WebSocketFrame.bytes(opcode, payload, mask: random())
    }

    // Without the query, which holds a command's words.
    private var address: Substring { request.url.prefix { $0 != "?" } }

    private func broken(_ what: String) -> TransportError {
        TransportError(.protocol, "\(address): the WebSocket failed: \(what)")
    }
}

/// How long nothing came: half of the limit is answered with a ping, the whole of it is death.
struct Silence {
    enum Step { case wait, ping, dead }

    private let limit: Duration
    private var last = ContinuousClock.now
    private var isAsked = false

    init(limit: Duration) { self.limit = limit }

    /// When to look again.
    var next: ContinuousClock.Instant { last + (isAsked ? limit : limit / 2) }

    mutating func heard() {
        last = .now
        isAsked = false
    }

    mutating func step() -> Step {
        guard ContinuousClock.now >= next else { return .wait }
        if isAsked { return .dead }
        isAsked = true
        return .ping
    }
}
