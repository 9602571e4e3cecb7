// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Glibc
internal import Synchronization

/// The one thread on which libcurl works.
///
/// Other threads only put commands into the mailbox and wake it. The multi handle is used on the thread alone, with the one exception
/// that libcurl names: `curl_multi_wakeup`.
final class CurlLoop: @unchecked Sendable {  // `transfers` is touched on the thread only; the rest is immutable or in a Mutex.
    enum Command {
        case start(UInt64, HTTPRequest, isStream: Bool, Exchange)
        case cancel(UInt64)
        case resume(UInt64)
    }

    private struct Mailbox {
        var commands: [Command] = []
        var lastID: UInt64 = 0
        var isStopping = false
        var thread: pthread_t?
    }

    /// Connections at once; further transfers wait inside libcurl, under their own time limits.
    private static let connectionLimit = 64

    private let multi: OpaquePointerBox
    private let tls: TLSSettings
    private let proxy: String?
    private let mailbox = Mutex(Mailbox())
    private var transfers: [UInt64: Transfer] = [:]

    init(tls: TLSSettings, proxy: String?) {
        let isReady = ccurl_global_init() == CURLE_OK
        guard isReady, let handle = curl_multi_init() else { preconditionFailure("libcurl cannot be set up") }
        ccurl_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, Self.connectionLimit)
        multi = OpaquePointerBox(pointer: handle)
        self.tls = tls
        self.proxy = proxy
    }

    func startThread() {
        let me = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { context in
            guard let context else { return nil }
            Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }, me.toOpaque())
        precondition(code == 0, "no thread for libcurl: \(String(cString: strerror(code)))")
        mailbox.withLock { $0.thread = thread }
    }

    /// Puts a request into the mailbox and returns its number.
    func start(_ request: HTTPRequest, isStream: Bool, _ exchange: Exchange) -> UInt64 {
        let id: UInt64? = mailbox.withLock { box in
            guard !box.isStopping else { return nil }
            box.lastID += 1
            box.commands.append(.start(box.lastID, request, isStream: isStream, exchange))
            curl_multi_wakeup(multi.pointer)
            return box.lastID
        }
        guard let id else {
            exchange.finish(.failure(Self.shutDown))
            return 0
        }
        return id
    }

    func cancel(_ id: UInt64) { post(.cancel(id)) }

    func resume(_ id: UInt64) { post(.resume(id)) }

    /// Ends every transfer as cancelled, ends the thread, and returns when it is gone.
    func stop() {
        let thread: pthread_t? = mailbox.withLock { box in
            let thread = box.thread
            box.thread = nil
            guard !box.isStopping else { return thread }
            box.isStopping = true
            curl_multi_wakeup(multi.pointer)
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }

    // The lock is held over the wake-up: the thread frees the multi handle only after it has seen `isStopping` under this lock.
    private func post(_ command: Command) {
        mailbox.withLock { box in
            guard !box.isStopping else { return }
            box.commands.append(command)
            curl_multi_wakeup(multi.pointer)
        }
    }

    private static let shutDown = TransportError(.cancelled, "The HTTP client is shut down.", isKnownUnsent: true)

    // MARK: On the thread

    private func run() {
        var isStopping = false
        while !isStopping {
            let commands = mailbox.withLock { box in
                defer { box.commands = [] }
                isStopping = box.isStopping
                return box.commands
            }
            commands.forEach(obey)
            var running: Int32 = 0
            curl_multi_perform(multi.pointer, &running)
            collect()
            if !isStopping { curl_multi_poll(multi.pointer, nil, 0, 60_000, nil) }
        }
        for (id, transfer) in transfers {
            transfer.exchange.finish(.failure(TransportError(.cancelled, "The HTTP client was shut down during the exchange.")))
            remove(id)
        }
        curl_multi_cleanup(multi.pointer)
    }

    private func obey(_ command: Command) {
        switch command {
        case .start(let id, let request, let isStream, let exchange):
            let transfer = Transfer(request, isStream: isStream, tls: tls, proxy: proxy, exchange: exchange)
            transfers[id] = transfer
            curl_multi_add_handle(multi.pointer, transfer.easy)
        case .cancel(let id):
            remove(id)
        case .resume(let id):
            guard let transfer = transfers[id] else { return }
            curl_easy_pause(transfer.easy, CURLPAUSE_CONT)
        }
    }

    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi.pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let result = ccurl_message_result(message)
            guard let (id, transfer) = transfers.first(where: { $0.value.easy == easy }) else { continue }
            transfer.finish(result)
            remove(id)
        }
    }

    /// Takes the handle out before the transfer, and with it the handle, is freed.
    private func remove(_ id: UInt64) {
        guard let easy = transfers[id]?.easy else { return }
        curl_multi_remove_handle(multi.pointer, easy)
        transfers[id] = nil
    }
}

/// A pointer that may cross threads because only `CurlLoop`'s rule above decides who uses it.
struct OpaquePointerBox: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
}
