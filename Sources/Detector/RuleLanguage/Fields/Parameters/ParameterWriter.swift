// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Writes one parameter of one event: its value, and the words for it where it has some.
struct ParameterWriter {
    let event: Event
    let call: Event.Call?
    let userNames: UserNames
    /// Where a path is put together before it is copied.
    let scratch: ByteBuffer

    init(_ event: Event, userNames: @escaping UserNames, scratch: ByteBuffer) {
        self.event = event
        call = event.callDetail
        self.userNames = userNames
        self.scratch = scratch
    }

    /// Writes the value, as `evt.args` prints it before the words.
    func writeValue(_ source: EventParameter.Source, to buffer: ByteBuffer) {
        switch source {
        case .result, .created, .createdProcess: buffer.append(signed: event.result)
        case .descriptor(let index), .process(let index), .signed(let index): buffer.append(signed: Int64(low(index)))
        case .user(let index), .group(let index): buffer.append(signed: Int64(low(index)))
        case .text(let index): buffer.append(text(index))
        case .path(let index, from: _): buffer.append(text(index))
        case .flags(let names, let index): buffer.append(decimal: UInt64(names.toldFlags(UInt32(bitPattern: low(index)))))
        case .choice(let names, let index): buffer.append(decimal: UInt64(names.toldChoice(UInt32(bitPattern: low(index)))))
        case .mode(_, let index), .octal(let index): buffer.append(octal: UInt32(bitPattern: low(index)))
        case .signal(let index): buffer.append(decimal: word(index) & 0xff)
        case .number(let index): buffer.append(decimal: word(index) & 0xffff_ffff)
        case .wide(let index): buffer.append(signed: Int64(bitPattern: word(index)))
        case .hexadecimal(let index): buffer.append(upperHexadecimal: word(index))
        case .address: writeAddress(to: buffer)
        case .tuple: writeTuple(to: buffer)
        case .data: writeBytes(call?.data ?? .empty, to: buffer)
        case .received: buffer.append(decimal: UInt64(max(0, event.result)))
        case .control: writeBytes(call?.secondText ?? .empty, to: buffer)
        case .dataWord(let index): buffer.append(decimal: UInt64(dataWord(index)))
        case .dataFlags(let names, let index): buffer.append(decimal: UInt64(names.toldFlags(dataWord(index))))
        case .queueShare: buffer.append(decimal: dataWord(1) == 0 ? 0 : UInt64(dataWord(0)) * 100 / UInt64(dataWord(1)))
        case .inheritable: buffer.append(upperHexadecimal: UInt64(dataWord(0)) | UInt64(dataWord(1)) << 32)
        case .permitted: buffer.append(upperHexadecimal: event.caller.capPermitted)
        case .effective: buffer.append(upperHexadecimal: event.caller.capEffective)
        case .tracedAddress: buffer.append(upperHexadecimal: event.result < 0 ? 0 : word(2))
        case .tracedData: writeTracedData(to: buffer)
        case .processText: if isProcessName { buffer.append(text(0)) }
        case .processNumber: buffer.append(signed: processNumber)
        case .open(let part): writeOpen(part, to: buffer)
        case .connectDescriptor: buffer.append(signed: Int64(event.connectDetail?.descriptor ?? -1))
        case .connectAddress: event.connectDetail.map { SocketName.write(end: $0.remote, $0.remotePort, of: $0, to: buffer) }
        case .program(let part): ProgramWriter(event).writeValue(part, to: buffer)
        case .absent: break
        }
    }

    /// Writes the words; nothing when the value has none.
    func writeWords(_ source: EventParameter.Source, to buffer: ByteBuffer) {
        switch source {
        case .result: writeError(event.result, to: buffer)
        case .created: writeDescriptor(Int64(Int32(truncatingIfNeeded: event.result)), to: buffer)
        case .descriptor(let index): writeDescriptor(Int64(low(index)), to: buffer)
        case .connectDescriptor: writeDescriptor(Int64(event.connectDetail?.descriptor ?? -1), to: buffer)
        case .user(let index): writeUser(UInt32(bitPattern: low(index)), to: buffer)
        case .group(let index): if low(index) == -1 { buffer.append("<NONE>") }
        case .path(let index, from: let base): writePath(text(index), from: descriptor(base), to: buffer)
        case .flags(let names, let index): names.writeFlags(UInt32(bitPattern: low(index)), to: buffer)
        case .choice(let names, let index): names.writeChoice(UInt32(bitPattern: low(index)), to: buffer)
        case .mode(let names, let index): names.writeFlags(UInt32(bitPattern: low(index)), to: buffer)
        case .signal(let index): SignalNames.write(word(index) & 0xff, to: buffer)
        case .dataFlags(let names, let index): names.writeFlags(dataWord(index), to: buffer)
        case .tracedData: if tracesSignal { SignalNames.write(word(3) & 0xff, to: buffer) }
        case .open(let part): writeOpenWords(part, to: buffer)
        case .program(.user): writeUser(event.caller.euid, to: buffer)
        case .program(let part): ProgramWriter(event).writeWords(part, to: buffer)
        case .process, .createdProcess, .text, .signed, .octal, .number, .wide, .hexadecimal, .address, .tuple, .data, .received, .control,
            .dataWord, .queueShare, .inheritable, .permitted, .effective, .tracedAddress, .processText, .processNumber, .connectAddress,
            .absent:
            break
        }
    }

    /// Writes a path as it is once `.` and `..` are gone, from the directory that it begins at; a text that is no path, as it is.
    func writeCleanPath(_ source: EventParameter.Source, to buffer: ByteBuffer) {
        guard case .path(let index, from: let base) = source else { return writeValue(source, to: buffer) }
        let path = text(index)
        guard path.first == UInt8(ascii: "/") else { return writePath(path, from: descriptor(base), to: buffer) }
        scratch.clear()
        scratch.append(cleaned: path)
        buffer.append(scratch.count == 0 ? ByteView("/") : scratch.view)
    }

    // MARK: The parts of a call

    private func word(_ index: Int) -> UInt64 { call?.arguments[index] ?? 0 }
    private func low(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: word(index)) }

    private func text(_ index: Int) -> ByteView {
        guard let call else { return .empty }
        return index == 0 ? call.text : index == 1 ? call.secondText : call.thirdText
    }

    private func descriptor(_ index: Int) -> Event.Descriptor? {
        guard let call else { return nil }
        return Event.Descriptor(index == 0 ? call.descriptor : call.secondDescriptor)
    }

    private func dataWord(_ index: Int) -> UInt32 {
        guard let data = call?.data, data.count >= 4 * index + 4 else { return 0 }
        return data.raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
    }

    // MARK: Words

    private func writeError(_ result: Int64, to buffer: ByteBuffer) {
        if result < 0, let name = ErrorNames.name(of: -result) { buffer.append(name) }
    }

    private func writeUser(_ uid: UInt32, to buffer: ByteBuffer) {
        guard uid != .max else { return buffer.append("<NONE>") }
        buffer.append(userNames(uid, event.process?.container?.id) ?? "<NA>")
    }

    // -100 is AT_FDCWD.
    private func writeDescriptor(_ number: Int64, to buffer: ByteBuffer) {
        guard number >= 0 else { return number == -100 ? buffer.append("AT_FDCWD") : writeError(number, to: buffer) }
        switch event.detail {
        case .open(let open) where event.result == number:
            buffer.append("<")
            buffer.append(open.isDirectory ? "d" : "f")
            buffer.append(">")
            buffer.append(open.path)
        case .connect(let connect): writeSocket(connect, to: buffer)
        case .call:
            guard event.descriptorNumber == number, let connect = event.connectDetail else {
                known(number).map { write($0, to: buffer) }
                return
            }
            writeSocket(connect, to: buffer)
        case .open, .exec, .fork, .exit, .snapshot: break
        }
    }

    // A copy stands for what its original does.
    private func known(_ number: Int64) -> Event.Descriptor? {
        if case .copied = event.kind.parameterList.descriptor, event.result == number { return descriptor(0) }
        return [descriptor(0), descriptor(1)].compactMap { $0 }.first { Int64($0.number) == number }
    }

    private func write(_ descriptor: Event.Descriptor, to buffer: ByteBuffer) {
        guard !descriptor.isSocket else { return writeSocket(descriptor.connection, to: buffer) }
        buffer.append("<")
        buffer.append(descriptor.kind.character)
        buffer.append(">")
        buffer.append(descriptor.name)
    }

    private func writeSocket(_ connect: Event.Connect, to buffer: ByteBuffer) {
        buffer.append("<")
        buffer.append(SocketFamily(connect.family).character)
        if let letter = SocketProtocol(connect)?.letter { buffer.append(letter) }
        buffer.append(">")
        SocketName.write(connect, isServer: event.isServerSide, to: buffer)
    }

    private func writePath(_ path: ByteView, from base: Event.Descriptor?, to buffer: ByteBuffer) {
        guard !path.isEmpty, path[0] != UInt8(ascii: "/") else { return }
        scratch.clear()
        if let base { scratch.append(cleaned: base.path) } else { scratch.append("<UNKNOWN>") }
        scratch.append(cleaned: path)
        buffer.append(scratch.count == 0 ? ByteView("/") : scratch.view)
    }

    // MARK: Sockets and bytes

    private func writeAddress(to buffer: ByteBuffer) {
        guard let address = SocketAddress(call?.text ?? .empty) else { return }
        address.write(to: buffer)
    }

    private func writeTuple(to buffer: ByteBuffer) {
        guard let connect = event.connectDetail, event.result >= 0 || event.kind == .connect else { return }
        SocketName.write(connect, isServer: event.isServerSide, to: buffer)
    }

    private func writeBytes(_ bytes: ByteView, to buffer: ByteBuffer) {
        for byte in bytes.raw { buffer.append((0x20..<0x7f).contains(byte) ? byte : UInt8(ascii: ".")) }
    }

    // MARK: ptrace and prctl

    // PTRACE_CONT, SINGLESTEP, DETACH and SYSCALL pass a signal on; the three PEEKs read a word.
    private var tracesSignal: Bool { event.result >= 0 && [7, 9, 17, 24].contains(word(0)) }

    private func writeTracedData(to buffer: ByteBuffer) {
        guard event.result >= 0 else { return buffer.append("0") }
        if tracesSignal { return buffer.append(decimal: word(3) & 0xff) }
        let isRead = (1...3).contains(word(0))
        buffer.append(upperHexadecimal: isRead ? UInt64(dataWord(0)) | UInt64(dataWord(1)) << 32 : word(3))
    }

    // PR_SET_NAME and PR_GET_NAME.
    private var isProcessName: Bool { word(0) == 15 || word(0) == 16 }

    // PR_GET_CHILD_SUBREAPER fills it in.
    private var processNumber: Int64 {
        isProcessName ? 0 : word(0) == 37 ? Int64(Int32(bitPattern: dataWord(0))) : Int64(bitPattern: word(1))
    }

    // MARK: Opens

    private func writeOpen(_ part: EventParameter.OpenPart, to buffer: ByteBuffer) {
        guard let open = event.openDetail else { return }
        switch part {
        case .name: buffer.append(open.rawPath)
        case .flags: buffer.append(decimal: UInt64(OpenFlags.told(open.flags)))
        case .octalMode: buffer.append(octal: OpenFlags.creates(open.flags) ? open.mode : 0)
        case .directory: buffer.append(signed: Int64(open.directory))
        case .device: buffer.append(upperHexadecimal: UInt64(open.device))
        case .inode: buffer.append(decimal: open.inode)
        case .resolve: buffer.append(decimal: UInt64(FlagNames.resolve.toldFlags(open.resolve)))
        }
    }

    private func writeOpenWords(_ part: EventParameter.OpenPart, to buffer: ByteBuffer) {
        guard let open = event.openDetail else { return }
        switch part {
        case .name: writeName(open, to: buffer)
        case .flags:
            scratch.clear()
            OpenFlags.write(open.flags, to: scratch)
            buffer.append(scratch.view)
        case .directory:
            if open.directory == -100 {
                buffer.append("AT_FDCWD")
            } else if let folder = Event.Descriptor(open.folder) {
                write(folder, to: buffer)
            }
        case .resolve: FlagNames.resolve.writeFlags(open.resolve, to: buffer)
        case .octalMode, .device, .inode: break
        }
    }

    // A relative path in full, from where it begins; the file's own path where that is not known.
    private func writeName(_ open: Event.Open, to buffer: ByteBuffer) {
        guard open.rawPath.first != UInt8(ascii: "/") else { return }
        guard let folder = open.startingFolder(of: event) else { return buffer.append(open.path) }
        scratch.clear()
        scratch.append(cleaned: folder)
        scratch.append(cleaned: open.rawPath)
        buffer.append(scratch.count == 0 ? ByteView("/") : scratch.view)
    }
}
