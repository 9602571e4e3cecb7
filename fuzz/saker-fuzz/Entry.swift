// SPDX-License-Identifier: Apache-2.0

import Glibc

#if FUZZING
    /// libFuzzer's loop; it ends the program when it is done.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ input: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    /// One input. It has the name that libFuzzer's own `main`, which is not run, asks for.
    @_cdecl("LLVMFuzzerTestOneInput")
    func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        Fuzz().run(UnsafeBufferPointer(start: start, count: count))
        return 0
    }

    /// Lets libFuzzer make inputs, told how by the arguments.
    @main struct Entry {
        static func main() {
            var count = CommandLine.argc, arguments = CommandLine.unsafeArgv
            exit(runDriver(&count, &arguments, testOneInput))
        }
    }
#else
    /// Runs the inputs in the files that are named, one after another: how a finding is looked at in a debugger.
    @main struct Entry {
        static func main() {
            let fuzz = Fuzz()
            for path in CommandLine.arguments.dropFirst() {
                print(path)
                fuzz.run(contents(of: path))
            }
        }

        private static func contents(of path: String) -> [UInt8] {
            guard let file = fopen(path, "r") else { return [] }
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var byte = getc(file)
            while byte != EOF {
                bytes.append(UInt8(byte))
                byte = getc(file)
            }
            return bytes
        }
    }
#endif
