// SPDX-License-Identifier: Apache-2.0

/// How much of programs' environments rules may ask for: what fits the probe's table (SAKER_NAME_COUNT and SAKER_NAME_MAX).
public enum EnvironmentLimit {
    /// The most variables that can be asked for.
    public static let names = 64
    /// The longest name of one, in bytes.
    public static let nameBytes = 63
}
