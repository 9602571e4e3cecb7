// SPDX-License-Identifier: Apache-2.0
import Foundation
import PackagePlugin

/// Compiles the kernel side with the toolchain's own clang and hands it to Swift as base64 text: a literal of bytes takes the
/// compiler a hundred times longer, and a resource file would have to lie beside the binary.
@main
struct ProbeObject: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "bpf")
        let inputs = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { ["c", "h"].contains($0.pathExtension) }
        let output = context.pluginWorkDirectoryURL.appending(path: "ProbeObject.swift")
        let script = """
            set -eu
            "$1" -target bpf -mcpu=v3 -O2 -g -Wall -Werror -fdebug-compilation-dir=. -c "$3/probe.bpf.c" -o "$4.o"
            "$2" --strip-debug "$4.o"
            { printf 'enum ProbeObject {\\n    static let base64: StaticString = "'; base64 -w0 "$4.o"; printf '"\\n}\\n'; } > "$4.new"
            mv "$4.new" "$4"
            """
        let arguments = [
            "-c", script, "probe-object", try context.tool(named: "clang").url.path, try context.tool(named: "llvm-objcopy").url.path,
            folder.path, output.path,
        ]
        return [
            .buildCommand(
                displayName: "Compiling bpf/probe.bpf.c", executable: URL(fileURLWithPath: "/bin/sh"), arguments: arguments,
                inputFiles: inputs, outputFiles: [output])
        ]
    }
}
