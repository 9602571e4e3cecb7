// SPDX-License-Identifier: Apache-2.0
import AWSClient

/// The error of a call that must fail; nil when it did not.
func failure<Value>(_ body: () async throws(AWSError) -> Value) async -> AWSError? {
    do throws(AWSError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
