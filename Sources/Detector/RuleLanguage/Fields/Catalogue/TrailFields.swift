// SPDX-License-Identifier: Apache-2.0

/// The fields of CloudTrail's records, with the names and types of Falco's cloudtrail plugin.
enum TrailFields {
    static let all = event + identity + request + service

    private static func row(
        _ name: String, _ meaning: String, _ type: FieldFacts.ValueType = .text, list: Bool = false,
        _ argument: FieldFacts.Argument = .none, limits: FieldFacts.Limits = []
    ) -> FieldFacts {
        FieldFacts(name, type, meaning, .trailRecords, list: list, argument: argument, sources: [.cloudTrail], limits: limits)
    }

    private static let event: [FieldFacts] = [
        row("ct.id", "the record's id"),
        row("ct.error", "the error's code; null for none"),
        row("ct.errormessage", "the error in words; null for none"),
        row("ct.time", "when it happened, as the record has it"),
        row("ct.src", "the service, such as s3.amazonaws.com"),
        row("ct.shortsrc", "the service without .amazonaws.com"),
        row("ct.name", "what was asked for, such as PutObject"),
        row("ct.region", "the region"),
        row("ct.srcip", "the address that asked"),
        row("ct.useragent", "the client's own name"),
        row("ct.info", "the record in one line"),
        row("ct.managementevent", "true for an event that manages resources"),
        row("ct.readonly", "true when nothing was changed"),
        row("ct.requestid", "the request's id"),
        row("ct.eventtype", "the type of record, such as AwsApiCall"),
        row("ct.eventcategory", "the category of the record"),
        row("ct.apiversion", "the version of the API"),
        row("ct.resources", "the resources that were touched"),
        row("ct.recipientaccountid", "the account that received the record"),
        row("ct.serviceeventdetails", "what a service says of its own event"),
        row("ct.sharedeventid", "the id that the copies for several accounts share"),
        row("ct.vpcendpointid", "the VPC endpoint that was used"),
        row("ct.addendum.reason", "why something was added later"),
        row("ct.addendum.updatedfields", "what was added later"),
        row("ct.addendum.originalrequestid", "the request that it was added to"),
        row("ct.addendum.originaleventid", "the record that it was added to"),
        row("ct.sessioncredentialfromconsole", "true for a session of the console"),
        row("ct.edgedevicedetails", "the edge device that was the target"),
        row("ct.tlsdetails.tlsversion", "the version of TLS"),
        row("ct.tlsdetails.ciphersuite", "the cipher suite of TLS"),
        row("ct.tlsdetails.clientprovidedhostheader", "the host name that the client asked for"),
        row("ct.additionaleventdata", "whatever else the record says"),
    ]

    private static let identity: [FieldFacts] = [
        row("ct.user", "who asked; for an assumed role, its name"),
        row("ct.originaluser", "who asked; for an assumed role, the session's name"),
        row("ct.user.accountid", "the account of who asked"),
        row("ct.user.identitytype", "what asked, such as Root, IAMUser or AWSService"),
        row("ct.user.principalid", "the id of who asked"),
        row("ct.user.arn", "the ARN of who asked"),
    ]

    private static let request: [FieldFacts] = [
        row("ct.request", "all parameters of the request"),
        row("ct.request.availabilityzone", "availabilityZone of the request"),
        row("ct.request.cluster", "cluster of the request"),
        row("ct.request.documentname", "documentName of the request"),
        row("ct.request.functionname", "functionName of the request"),
        row("ct.request.groupname", "groupName of the request"),
        row("ct.request.host", "Host of the request"),
        row("ct.request.name", "name of the request"),
        row("ct.request.policy", "policy of the request"),
        row("ct.request.reason", "reason of the request"),
        row("ct.request.serialnumber", "serialNumber of the request"),
        row("ct.request.servicename", "serviceName of the request"),
        row("ct.request.subnetid", "subnetId of the request"),
        row("ct.request.target", "target of the request"),
        row("ct.request.taskdefinition", "taskDefinition of the request"),
        row("ct.request.username", "userName of the request"),
        row("ct.response", "all elements of the response"),
        row("ct.response.reservationid", "reservationId of the response"),
        row("ct.response.subnetid", "subnetId of the response"),
    ]

    private static let service: [FieldFacts] = [
        row("s3.bucket", "the bucket"),
        row("s3.key", "the object's key"),
        row("s3.uri", "s3://BUCKET/KEY"),
        row("s3.bytes", "how many bytes went up and down", .integer),
        row("s3.bytes.in", "how many bytes went up", .integer),
        row("s3.bytes.out", "how many bytes went down", .integer),
        row("s3.cnt.get", "1 for GetObject", .integer),
        row("s3.cnt.put", "1 for PutObject", .integer),
        row("s3.cnt.other", "1 for anything else", .integer),
        row("ec2.name", "the name of the instances"),
        row("ec2.imageid", "the first instance's image", limits: .deprecated),
        row("ec2.imageids", "the images of the instances", list: true, .index),
        row("ecr.repository", "the repository"),
        row("ecr.imagetag", "the image's tag"),
        row("iam.role", "the role"),
        row("iam.policy", "the policy"),
    ]
}
