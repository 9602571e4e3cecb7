// SPDX-License-Identifier: Apache-2.0

/// The slots that a look-up found true, each once; the memory is used again for the next.
final class FoundSlots {
    private struct State {
        var mark: UInt32 = 0
        var count = 0
    }

    private let marks: UnsafeMutablePointer<UInt32>
    private let slots: UnsafeMutablePointer<Int32>
    // Not a property: the runtime would check each access of one for conflicts.
    private let state: UnsafeMutablePointer<State>
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        marks = .allocate(capacity: max(capacity, 1))
        marks.initialize(repeating: 0, count: max(capacity, 1))
        slots = .allocate(capacity: max(capacity, 1))
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        marks.deallocate()
        slots.deallocate()
        state.deallocate()
    }

    @inline(__always)
    var count: Int { state.pointee.count }

    @inline(__always)
    func begin() {
        state.pointee.count = 0
        state.pointee.mark &+= 1
        // After 2^32 look-ups an old mark could be taken for a new one.
        guard state.pointee.mark == 0 else { return }
        marks.update(repeating: 0, count: capacity)
        state.pointee.mark = 1
    }

    func add(_ slot: Int32) {
        let index = Int(slot)
        precondition(index >= 0 && index < capacity)
        guard marks[index] != state.pointee.mark else { return }
        marks[index] = state.pointee.mark
        slots[state.pointee.count] = slot
        state.pointee.count += 1
    }

    subscript(_ index: Int) -> Int {
        precondition(index >= 0 && index < count)
        return Int(slots[index])
    }
}
