// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// The fields of who the caller is.
extension FieldSetter {
    static let identities: [String: FieldSetter] = [
        "user.uid": FieldSetter { draft, value throws(Unfit) in draft.identity.uid = try value.number("a user id") },
        "user.name": FieldSetter { draft, value throws(Unfit) in draft.identity.userName = value.text },
        "user.loginuid": FieldSetter { draft, value throws(Unfit) in
            draft.identity.loginuid = try value.text == "-1" ? UInt32.max : value.number("a user id, or -1 for none")
        },
        "user.loginname": FieldSetter { draft, value throws(Unfit) in draft.identity.loginName = value.text },
        "group.gid": FieldSetter { draft, value throws(Unfit) in draft.identity.gid = try value.number("a group id") },
        "proc.tty": FieldSetter { draft, value throws(Unfit) in draft.identity.terminal = try value.number("a device number; 0 for none") },
        "proc.vpid": FieldSetter { draft, value throws(Unfit) in draft.identity.virtualPid = try value.number("a process id") },
        "proc.is_vpgid_leader": FieldSetter { draft, value throws(Unfit) in draft.identity.isGroupLeader = try value.flag() },
        "proc.duration": FieldSetter { draft, value throws(Unfit) in draft.identity.duration = try value.number("nanoseconds") },
        "proc.sname": FieldSetter { draft, value throws(Unfit) in draft.identity.sessionLeader = value.text },
        "thread.cap_effective": FieldSetter { draft, value throws(Unfit) in draft.identity.effective = try value.capabilities() },
        "thread.cap_permitted": FieldSetter { draft, value throws(Unfit) in draft.identity.permitted = try value.capabilities() },
    ]
}

extension FieldSetter.Value {
    fileprivate func capabilities() throws(FieldSetter.Unfit) -> UInt64 {
        var bits: UInt64 = 0
        for name in text.split(separator: " ").map(String.init) {
            guard let bit = CapabilityNames.number(of: name) else {
                throw FieldSetter.Unfit(wanted: "names of capabilities with blanks between them; '\(name)' is none")
            }
            bits |= 1 << UInt64(bit)
        }
        return bits
    }
}
