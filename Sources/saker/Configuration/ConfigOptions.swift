// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SourceText

/// `--config`, shared by the commands that read `saker.yaml`.
struct ConfigOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The configuration file (default: $SAKER_CONFIG, else /etc/saker/saker.yaml if it exists).")
    var config: String?

    /// The configuration of file and environment.
    ///
    /// Throws a `UserError` with all findings when anything in them is wrong or a file that was asked for cannot be read.
    func read(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Configuration {
        var reader = ConfigReader()
        let standard = "/etc/saker/saker.yaml"
        let path = config ?? environment["SAKER_CONFIG"] ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil)
        let files = try path.map { [try SourceFiles.read($0)] } ?? []
        files.forEach { reader.read($0) }
        reader.read(environment: environment)
        guard !reader.diagnostics.hasErrors else { throw UserError(reader.diagnostics.rendered(from: files)) }
        var configuration = reader.configuration
        configuration.source = path ?? ""
        return configuration
    }
}

/// What went wrong, in words for the person at the terminal; it ends the command with code 1.
struct UserError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Reads files and directories of YAML.
enum SourceFiles {
    /// One file's text. Throws a `UserError` that names the file and the reason.
    static func read(_ path: String) throws -> SourceFile {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw UserError("cannot read \(path): it is a directory, and a file is wanted")
        }
        do {
            return try SourceFile(name: path, bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        } catch let error as InvalidText {
            throw UserError("cannot read \(error)")
        } catch {
            throw UserError("cannot read \(path): \(error.localizedDescription)")
        }
    }

    /// The files of each path in order; of a directory its `*.yaml` and `*.yml` in order of name.
    static func read(all paths: [String]) throws -> [SourceFile] {
        try paths.flatMap { path in
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else { return [path] }
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { path + "/" + $0 }
        }.map(read)
    }
}
