// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Which paths of an opened file a comparison knows.
public enum SymlinkReading: String, Sendable, CaseIterable {
    /// The path that was asked for and the one that the kernel found: it holds if either satisfies it, and its negation if neither does.
    case either
    /// The path that was asked for alone, as in Falco: a link is a disguise.
    case falco
}

/// The texts that fields give of an opened file, or of one that could not be opened, by one of its paths.
struct FileTexts {
    /// The path.
    let name: ByteView
    /// The path as given.
    let raw: ByteView
    /// The folder that the file is in; a directory itself. Nil for a file outside of all folders, such as a memfd.
    let directory: ByteView?
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
            directory = slash == nil ? nil : ByteView("/")
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
        if file == nil { readFile(event) }
        return file
    }

    /// Puts what the fields give of the file's other path in their place, and back.
    mutating func swapFiles() { swap(&file, &otherFile) }

    private mutating func readFile(_ event: UnsafePointer<Event>) {
        guard case .open(let open) = event.pointee.detail else { return }
        let asked = askedPath(open, event), isDirectory = open.isDirectory, isOpened = event.pointee.result >= 0
        file = FileTexts(name: asked, raw: open.rawPath, isDirectory: isDirectory, isOpened: isOpened)
        guard symlinks == .either, let real = open.realPath, !real.equals(asked) else { return }
        otherFile = FileTexts(name: real, raw: open.rawPath, isDirectory: isDirectory, isOpened: isOpened)
    }

    // The kernel's paths are clean, so what equals one need not be cleaned: that is nearly every open.
    private func askedPath(_ open: Event.Open, _ event: UnsafePointer<Event>) -> ByteView {
        let raw = open.rawPath
        if raw.first == UInt8(ascii: "/") {
            if raw.equals(open.path) { return open.path }
            name.clear()
        } else if let folder = open.startingFolder(of: event.pointee) {
            if open.path.is(raw, below: folder) { return open.path }
            name.clear()
            name.append(cleaned: folder)
        } else {
            if let real = open.realPath { return real }
            name.clear()
            name.append("<UNKNOWN>")
        }
        name.append(cleaned: raw)
        if name.count == 0 { name.append(UInt8(ascii: "/")) }
        return name.view
    }
}

extension Event.Open {
    /// Where a relative path begins; nil when that is not known.
    func startingFolder(of event: borrowing Event) -> ByteView? {
        guard directory != -100, event.kind != .open, event.kind != .creat else { return event.process?.cwd?.view }
        return Event.Descriptor(folder)?.path
    }
}

extension ByteView {
    /// True when this is that folder, a slash and that name.
    fileprivate func `is`(_ name: ByteView, below folder: ByteView) -> Bool {
        count == folder.count + 1 + name.count && starts(with: folder) && self[folder.count] == UInt8(ascii: "/") && ends(with: name)
    }
}
