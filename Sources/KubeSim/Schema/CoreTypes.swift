// SPDX-License-Identifier: Apache-2.0

// The notation is told at `SchemaReader`.
extension Schema {
    /// The types of the core group, from A to M.
    static let coreTypes = """
        # io.k8s.api.core.v1
        AWSElasticBlockStoreVolumeSource volumeID=1s fsType=2s partition=3i readOnly=4b
        Affinity nodeAffinity?=1NodeAffinity podAffinity?=2PodAffinity podAntiAffinity?=3PodAntiAffinity
        AppArmorProfile type=1s localhostProfile?=2s
        AttachedVolume name=1s devicePath=2s
        AzureDiskVolumeSource diskName=1s diskURI=2s cachingMode?=3s fsType?=4s readOnly?=5b kind?=6s
        AzureFileVolumeSource secretName=1s shareName=2s readOnly=3b
        CSIVolumeSource driver=1s readOnly?=2b fsType?=3s volumeAttributes=4%s nodePublishSecretRef?=5LocalObjectReference
        Capabilities add=1*s drop=2*s
        CephFSVolumeSource monitors=1*s path=2s user=3s secretFile=4s secretRef?=5LocalObjectReference readOnly=6b
        CinderVolumeSource volumeID=1s fsType=2s readOnly=3b secretRef?=4LocalObjectReference
        ClientIPConfig timeoutSeconds?=1i
        ClusterTrustBundleProjection name?=1s signerName?=2s labelSelector?=3LabelSelector optional?=5b path=4s user?=6i
        ConfigMap metadata=1ObjectMeta immutable?=4b data=2%s binaryData=3%y
        ConfigMapEnvSource <1LocalObjectReference optional?=2b
        ConfigMapKeySelector! <1LocalObjectReference key=2s optional?=3b
        ConfigMapNodeConfigSource namespace=1s name=2s uid=3s resourceVersion=4s kubeletConfigKey=5s
        ConfigMapProjection <1LocalObjectReference items=2*KeyToPath optional?=4b
        ConfigMapVolumeSource <1LocalObjectReference items=2*KeyToPath defaultMode?=3i optional?=4b defaultUser?=5i
        Container name=1s image=2s command=3*s args=4*s workingDir=5s ports=6*ContainerPort@containerPort,protocol^containerPort
          envFrom=19*EnvFromSource env=7*EnvVar@name^name resources=8ResourceRequirements resizePolicy=23*ContainerResizePolicy
          restartPolicy?=24s restartPolicyRules=25*ContainerRestartRule volumeMounts=9*VolumeMount@mountPath^mountPath
          volumeDevices=21*VolumeDevice@devicePath^devicePath livenessProbe?=10Probe readinessProbe?=11Probe startupProbe?=22Probe
          lifecycle?=12Lifecycle terminationMessagePath=13s terminationMessagePolicy=20s imagePullPolicy=14s
          securityContext?=15SecurityContext stdin=16b stdinOnce=17b tty=18b
        ContainerExtendedResourceRequest containerName=1s resourceName=2s requestName=3s
        ContainerImage names=1*s sizeBytes=2i
        ContainerPort name=1s hostPort=2i containerPort=3i protocol=4s hostIP=5s
        ContainerResizePolicy resourceName=1s restartPolicy=2s
        ContainerRestartRule action=1s exitCodes?=2ContainerRestartRuleOnExitCodes
        ContainerRestartRuleOnExitCodes operator=1s values=2*i@
        ContainerState waiting?=1ContainerStateWaiting running?=2ContainerStateRunning terminated?=3ContainerStateTerminated
        ContainerStateRunning startedAt=1t
        ContainerStateTerminated exitCode=1i signal=2i reason=3s message=4s startedAt=5t finishedAt=6t containerID=7s
        ContainerStateWaiting reason=1s message=2s
        ContainerStatus name=1s state=2ContainerState lastState=3ContainerState ready=4b restartCount=5i image=6s imageID=7s
          containerID=8s started?=9b allocatedResources=10%q resources?=11ResourceRequirements
          volumeMounts=12*VolumeMountStatus@mountPath^mountPath user?=13ContainerUser allocatedResourcesStatus=14*ResourceStatus@name^name
          stopSignal?=15s
        ContainerUser linux?=1LinuxContainerUser
        DaemonEndpoint Port=1i
        DownwardAPIProjection items=1*DownwardAPIVolumeFile
        DownwardAPIVolumeFile path=1s fieldRef?=2ObjectFieldSelector resourceFieldRef?=3ResourceFieldSelector mode?=4i user?=5i
        DownwardAPIVolumeSource items=1*DownwardAPIVolumeFile defaultMode?=2i defaultUser?=3i
        EmptyDirVolumeSource medium=1s sizeLimit?=2q mode?=3i
        EnvFromSource prefix=1s configMapRef?=2ConfigMapEnvSource secretRef?=3SecretEnvSource
        EnvVar name=1s value=2s valueFrom?=3EnvVarSource
        EnvVarSource fieldRef?=1ObjectFieldSelector resourceFieldRef?=2ResourceFieldSelector configMapKeyRef?=3ConfigMapKeySelector
          secretKeyRef?=4SecretKeySelector fileKeyRef?=5FileKeySelector
        EphemeralContainer <1EphemeralContainerCommon targetContainerName=2s
        EphemeralContainerCommon name=1s image=2s command=3*s args=4*s workingDir=5s
          ports=6*ContainerPort@containerPort,protocol^containerPort envFrom=19*EnvFromSource env=7*EnvVar@name^name
          resources=8ResourceRequirements resizePolicy=23*ContainerResizePolicy restartPolicy?=24s
          restartPolicyRules=25*ContainerRestartRule volumeMounts=9*VolumeMount@mountPath^mountPath
          volumeDevices=21*VolumeDevice@devicePath^devicePath livenessProbe?=10Probe readinessProbe?=11Probe startupProbe?=22Probe
          lifecycle?=12Lifecycle terminationMessagePath=13s terminationMessagePolicy=20s imagePullPolicy=14s
          securityContext?=15SecurityContext stdin=16b stdinOnce=17b tty=18b
        EphemeralVolumeSource volumeClaimTemplate?=1PersistentVolumeClaimTemplate
        Event metadata=1ObjectMeta involvedObject=2ObjectReference reason=3s message=4s source=5EventSource firstTimestamp=6t
          lastTimestamp=7t count=8i type=9s eventTime=10u series?=11EventSeries action=12s related?=13ObjectReference
          reportingComponent=14s reportingInstance=15s
        EventSeries count=1i lastObservedTime=2u
        EventSource component=1s host=2s
        EvictionResponder! name=1s priority?=2i
        ExecAction command=1*s
        FCVolumeSource targetWWNs=1*s lun?=2i fsType=3s readOnly=4b wwids=5*s
        FileKeySelector! volumeName=1s path=2s key=3s optional?=4b
        FlexVolumeSource driver=1s fsType=2s secretRef?=3LocalObjectReference readOnly=4b options=5%s
        FlockerVolumeSource datasetName=1s datasetUUID=2s
        GCEPersistentDiskVolumeSource pdName=1s fsType=2s partition=3i readOnly=4b
        GRPCAction port=1i service?=2s mode?=3s
        GitRepoVolumeSource repository=1s revision=2s directory=3s
        GlusterfsVolumeSource endpoints=1s path=2s readOnly=3b
        HTTPGetAction path=1s port=2x host=3s scheme=4s httpHeaders=5*HTTPHeader protocol?=6s
        HTTPHeader name=1s value=2s
        HostAlias ip=1s hostnames=2*s
        HostIP ip=1s
        HostPathVolumeSource path=1s type?=2s
        ISCSIVolumeSource targetPortal=1s iqn=2s lun=3i iscsiInterface=4s fsType=5s readOnly=6b portals=7*s chapAuthDiscovery=8b
          chapAuthSession=11b secretRef?=10LocalObjectReference initiatorName?=12s
        ImageVolumeSource reference=1s pullPolicy=2s
        ImageVolumeStatus imageRef=1s
        KeyToPath key=1s path=2s mode?=3i user?=4i
        Lifecycle postStart?=1LifecycleHandler preStop?=2LifecycleHandler stopSignal?=3s
        LifecycleHandler exec?=1ExecAction httpGet?=2HTTPGetAction tcpSocket?=3TCPSocketAction sleep?=4SleepAction
        LinuxContainerUser uid=1i gid=2i supplementalGroups=3*i
        LoadBalancerIngress ip=1s hostname=2s ipMode?=3s ports=4*PortStatus
        LoadBalancerStatus ingress=1*LoadBalancerIngress
        LocalObjectReference! name=1s
        ModifyVolumeStatus targetVolumeAttributesClassName=1s status=2s
        """
}
