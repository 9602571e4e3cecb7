// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Writes the parts of programs put in place, and of processes made and ended.
struct ProgramWriter {
    private let event: Event

    init(_ event: Event) { self.event = event }

    /// Writes the value; `<NA>` for what is not known.
    func writeValue(_ part: EventParameter.ProgramPart, to buffer: ByteBuffer) {
        switch part {
        case .exe: write(image?.exe, to: buffer)
        case .arguments: write(image?.arguments, to: buffer)
        case .name: buffer.append(event.caller.comm)
        case .path: write(image?.exePath, to: buffer)
        case .asked: buffer.append(executed?.rawPath ?? .empty)
        case .environment: writeEnvironment(to: buffer)
        case .folder: write(event.process?.cwd, to: buffer)
        case .flags: buffer.append(decimal: UInt64(flags.names.toldFlags(flags.bits)))
        case .thread: buffer.append(signed: Int64(event.caller.tid))
        case .process: buffer.append(signed: Int64(event.caller.pid))
        case .parent: buffer.append(signed: Int64(event.caller.ppid))
        case .virtual: buffer.append(signed: Int64(event.caller.vpid))
        case .group: buffer.append(signed: Int64(event.caller.vpgid))
        case .terminal: buffer.append(decimal: UInt64(event.caller.tty))
        case .login: buffer.append(signed: Int64(Int32(bitPattern: event.caller.loginuid)))
        case .user: buffer.append(decimal: UInt64(event.caller.euid))
        case .groupID: buffer.append(decimal: UInt64(event.caller.egid))
        case .status: buffer.append(signed: Int64(end.code << 8 | end.signal))
        case .code: buffer.append(signed: Int64(end.signal == 0 ? end.code : 0))
        case .signal: buffer.append(signed: Int64(end.signal))
        }
    }

    /// Writes the words; nothing when the value has none.
    func writeWords(_ part: EventParameter.ProgramPart, to buffer: ByteBuffer) {
        switch part {
        case .flags: flags.names.writeFlags(flags.bits, to: buffer)
        case .signal: SignalNames.write(UInt64(end.signal), to: buffer)
        case .exe, .arguments, .name, .path, .asked, .environment, .folder, .thread, .process, .parent, .virtual, .group, .terminal,
            .login, .user, .groupID, .status, .code:
            break
        }
    }

    // A failed try is made by the program that was there before.
    private var image: ImageFacts? { event.process?.image }

    private var executed: Event.Image? {
        switch event.detail {
        case .exec(let image): image
        case .fork, .exit, .open, .connect, .snapshot, .call: nil
        }
    }

    private var end: Event.Exit {
        switch event.detail {
        case .exit(let exit): exit
        case .exec, .fork, .open, .connect, .snapshot, .call: Event.Exit(code: 0, signal: 0)
        }
    }

    private var flags: (names: FlagNames, bits: UInt32) {
        switch event.detail {
        case .exec(let image): (.executable, image.flags.rawValue)
        case .fork(let fork): (.clone, UInt32(truncatingIfNeeded: fork.flags))
        case .exit, .open, .connect, .snapshot, .call: (.clone, 0)
        }
    }

    private func write(_ text: ByteString?, to buffer: ByteBuffer) {
        if let text { buffer.append(text.view) } else { buffer.append("<NA>") }
    }

    private func writeEnvironment(to buffer: ByteBuffer) {
        for byte in (image?.environment.view ?? .empty).raw { buffer.append(byte == 0 ? UInt8(ascii: " ") : byte) }
    }
}
