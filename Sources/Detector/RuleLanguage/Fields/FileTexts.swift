// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The texts that fields give of an opened file, or of one that could not be opened.
struct FileTexts {
    /// The kernel's own path when it gave one; else the path as given, put behind the working directory and cleaned.
    let name: ByteView
    /// The path as given.
    let raw: ByteView
    /// The folder that the file is in; a directory itself.
    let directory: ByteView
    /// The last part of the name; nil for a directory and when nothing was opened.
    let filename: ByteView?

    /// Which of them a field gives.
    enum Part {
        case name, raw, directory, filename

        init?(_ field: Field) {
            let parts: [Field: Part] = [
                .descriptorName: .name, .descriptorRawName: .raw, .descriptorDirectory: .directory, .descriptorFilename: .filename,
            ]
            guard let part = parts[field] else { return nil }
            self = part
        }
    }

    @inline(__always)
    func text(_ part: Part) -> ByteView? {
        switch part {
        case .name: name
        case .raw: raw
        case .directory: directory
        case .filename: filename
        }
    }

    init(name: ByteView, raw: ByteView, isDirectory: Bool, isOpened: Bool) {
        self.name = name
        self.raw = raw
        guard !isDirectory else {
            directory = name
            filename = nil
            return
        }
        let slash = name.lastSlash
        if let slash, slash > 0 {
            directory = slash < name.count - 1 ? name.slice(0, slash) : name
        } else {
            directory = ByteView("/")
        }
        filename = isOpened ? slash.map { name.slice($0 + 1, name.count) } ?? name : nil
    }
}

extension FieldReader {
    /// The file's texts; nil for what is no open. Read once an event.
    mutating func fileTexts(_ event: Event) -> FileTexts? { withUnsafePointer(to: event) { fileTexts(at: $0) } }

    /// The same without a copy of the event.
    @inline(__always)
    mutating func fileTexts(at event: UnsafePointer<Event>) -> FileTexts? {
        if file == nil { file = readFile(event) }
        return file
    }

    private mutating func readFile(_ event: UnsafePointer<Event>) -> FileTexts? {
        switch event.pointee.detail {
        case .open(let open):
            let name = open.path.isEmpty ? fullPath(open, event) : open.path
            return FileTexts(name: name, raw: open.rawPath, isDirectory: open.isDirectory, isOpened: event.pointee.result >= 0)
        case .exec, .fork, .exit, .connect, .call, .snapshot: return nil
        }
    }

    private func fullPath(_ open: Event.Open, _ event: UnsafePointer<Event>) -> ByteView {
        name.clear()
        let isAbsolute = !open.rawPath.isEmpty && open.rawPath[0] == UInt8(ascii: "/")
        let startsAtWorkingDirectory = open.directory == -100 || event.pointee.kind == .open || event.pointee.kind == .creat
        if isAbsolute {
            name.append(cleaned: open.rawPath)
        } else if startsAtWorkingDirectory, let cwd = event.pointee.process?.cwd {
            name.append(cleaned: cwd.view)
            name.append(cleaned: open.rawPath)
        } else {
            name.append("<UNKNOWN>")
            name.append(cleaned: open.rawPath)
        }
        if name.count == 0 { name.append(UInt8(ascii: "/")) }
        return name.view
    }
}
