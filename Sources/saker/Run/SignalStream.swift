// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// TERM, INT and HUP as values in a stream, so that stopping and reloading happen in order with everything else.
struct SignalStream {
    enum Signal: Sendable { case stop, reload }

    /// Ends when nobody listens any more; at most 8 signals wait (more of the same mean the same).
    let signals: AsyncStream<Signal>
    private let sources: [any DispatchSourceSignal]
    private let watching: Task<Void, Never>

    /// An exchange of the mounted ConfigMaps that hold these paths means the same as HUP.
    init(watching paths: [String] = []) {
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingOldest(8))
        let meanings: [(Int32, Signal)] = [(SIGTERM, .stop), (SIGINT, .stop), (SIGHUP, .reload)]
        sources = meanings.map { number, meaning in
            // The default action would end the process before the source hears of the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(meaning) }
            source.resume()
            return source
        }
        signals = stream
        watching = Task {
            var watch = MountWatch(paths)
            while (try? await Task.sleep(for: MountWatch.interval)) != nil {
                if watch.hasChanged() { continuation.yield(.reload) }
            }
        }
        // A peer that closes a pipe or socket is an error of that write, never the end of the process.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Reloads at HUP, returns at TERM or INT.
    func untilStop(_ reload: () -> Void) async {
        for await signal in signals {
            switch signal {
            case .stop: return
            case .reload: reload()
            }
        }
    }

    /// Stops listening.
    func cancel() {
        sources.forEach { $0.cancel() }
        watching.cancel()
    }
}

extension Task where Success == Void, Failure == Never {
    /// Waits for its end, at most so many seconds; then it is cancelled. True when it ended by itself.
    func ends(within seconds: Double) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await value
                return true
            }
            group.addTask {
                try? await Task<Never, Never>.sleep(for: .seconds(seconds))
                return false
            }
            let first = await group.next() ?? false
            if !first { cancel() }
            group.cancelAll()
            return first
        }
    }
}
