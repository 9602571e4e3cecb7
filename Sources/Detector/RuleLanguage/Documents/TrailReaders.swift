// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Where the fields of CloudTrail stand in its records.
enum TrailReaders {
    typealias Reader = DocumentFields.Reader

    static let all: [String: Reader] =
        [record, parameters, services, made].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    private static let record: [String: Reader] = [
        "ct.id": .member(["eventID"]), "ct.error": .member(["errorCode"]), "ct.errormessage": .member(["errorMessage"]),
        "ct.time": .member(["eventTime"]), "ct.src": .member(["eventSource"]), "ct.name": .member(["eventName"]),
        "ct.region": .member(["awsRegion"]), "ct.srcip": .member(["sourceIPAddress"]), "ct.useragent": .member(["userAgent"]),
        "ct.managementevent": .member(["managementEvent"]), "ct.readonly": .member(["readOnly"]),
        "ct.requestid": .member(["requestID"]), "ct.eventtype": .member(["eventType"]),
        "ct.eventcategory": .member(["eventCategory"]), "ct.apiversion": .member(["apiVersion"]),
        "ct.recipientaccountid": .member(["recipientAccountId"]), "ct.serviceeventdetails": .member(["serviceEventDetails"]),
        "ct.sharedeventid": .member(["sharedEventID"]), "ct.vpcendpointid": .member(["vpcEndpointId"]),
        "ct.addendum.reason": .member(["addendum", "reason"]),
        "ct.addendum.updatedfields": .member(["addendum", "updatedFields"]),
        "ct.addendum.originalrequestid": .member(["addendum", "originalRequestID"]),
        "ct.addendum.originaleventid": .member(["addendum", "originalEventID"]),
        "ct.sessioncredentialfromconsole": .member(["sessionCredentialFromConsole"]),
        "ct.edgedevicedetails": .member(["edgeDeviceDetails"]),
        "ct.tlsdetails.tlsversion": .member(["tlsDetails", "tlsVersion"]),
        "ct.tlsdetails.ciphersuite": .member(["tlsDetails", "cipherSuite"]),
        "ct.tlsdetails.clientprovidedhostheader": .member(["tlsDetails", "clientProvidedHostHeader"]),
        "ct.additionaleventdata": .member(["additionalEventData"]),
        "ct.user.identitytype": .member(["userIdentity", "type"]),
        "ct.user.principalid": .member(["userIdentity", "principalId"]), "ct.user.arn": .member(["userIdentity", "arn"]),
    ]

    private static let parameters: [String: Reader] = [
        "ct.request": .member(["requestParameters"]),
        "ct.request.availabilityzone": request("availabilityZone"), "ct.request.cluster": request("cluster"),
        "ct.request.documentname": request("documentName"), "ct.request.functionname": request("functionName"),
        "ct.request.groupname": request("groupName"), "ct.request.host": request("Host"), "ct.request.name": request("name"),
        "ct.request.policy": request("policy"), "ct.request.reason": request("reason"),
        "ct.request.serialnumber": request("serialNumber"), "ct.request.servicename": request("serviceName"),
        "ct.request.subnetid": request("subnetId"), "ct.request.target": request("target"),
        "ct.request.taskdefinition": request("taskDefinition"), "ct.request.username": request("userName"),
        "ct.response": .member(["responseElements"]),
        "ct.response.reservationid": .member(["responseElements", "reservationId"]),
        "ct.response.subnetid": .member(["responseElements", "subnetId"]),
    ]

    private static let services: [String: Reader] = [
        "s3.bucket": request("bucketName"), "s3.key": request("key"),
        "s3.uri": DocumentFields.text { TrailSummary.address($0.body) },
        "s3.bytes": DocumentFields.number { TrailSummary.bytes($0.body) },
        "s3.bytes.in": DocumentFields.number { TrailSummary.bytes($0.body, "bytesTransferredIn") },
        "s3.bytes.out": DocumentFields.number { TrailSummary.bytes($0.body, "bytesTransferredOut") },
        "s3.cnt.get": count { $0 == "GetObject" },
        "s3.cnt.put": count { $0 == "PutObject" },
        "s3.cnt.other": count { $0 != "GetObject" && $0 != "PutObject" },
        "ec2.name": DocumentFields.text { document in
            let items = document.body.at(["requestParameters", "tagSpecificationSet", "items"])?.array ?? []
            let tags = items.filter { $0["resourceType"]?.string == "instance" }.flatMap { $0["tags"]?.array ?? [] }
            return tags.first { $0["key"]?.string == "Name" }?["value"]?.asText
        },
        "ec2.imageid": .made { document, _ in images(document.body, .index(0))?.first.map { FieldValue($0) } },
        "ec2.imageids": .made { document, argument in images(document.body, argument).flatMap { .texts($0) } },
        "ecr.repository": request("repositoryName"), "ecr.imagetag": request("imageTag"),
        "iam.role": request("roleName"), "iam.policy": request("policyName"),
    ]

    private static let made: [String: Reader] = [
        "ct.shortsrc": DocumentFields.text { TrailSummary.shortSource($0.body) },
        "ct.user": DocumentFields.text { TrailSummary.user($0.body) },
        "ct.originaluser": DocumentFields.text { TrailSummary.originalUser($0.body) },
        "ct.user.accountid": DocumentFields.text { document in
            (document.body.at(["userIdentity", "accountId"]) ?? document.body["recipientAccountId"])?.asText
        },
        "ct.info": DocumentFields.text { TrailSummary.what($0.body) },
        "ct.resources": DocumentFields.text { document in
            guard let resources = document.body["resources"]?.array, !resources.isEmpty else { return nil }
            return resources.map(\.text).joined(separator: ",")
        },
    ]

    private static func request(_ key: String) -> Reader { .member(["requestParameters", key]) }

    private static func count(_ isCounted: @escaping @Sendable (String) -> Bool) -> Reader {
        DocumentFields.number { isCounted($0.body["eventName"]?.string ?? "") ? 1 : nil }
    }

    // An answer names the instances' images; a request names one, at a place that depends on what is asked for.
    private static func images(_ body: JSONValue, _ argument: Operand.Argument) -> [String]? {
        if let found = body.elements(at: ["responseElements", "instancesSet", "items"], argument, inner: ["imageId"]) {
            return found.compactMap(\.asText)
        }
        if case .index(let index) = argument, index > 0 { return nil }
        let places = [["imageId"], ["DescribeFastLaunchImagesRequest", "ImageId", "content"], ["launchSpecification", "imageId"]]
        return places.lazy.compactMap { body.at(["requestParameters"] + $0)?.asText }.first.map { [$0] }
    }
}
