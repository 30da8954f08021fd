using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>Who translates the source address of outgoing traffic.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EgressProvider>))]
public enum EgressProvider
{
    /// <summary>Dynospace's own node agent; works with any CNI.</summary>
    Builtin,

    /// <summary>Cilium's egress gateway.</summary>
    Cilium,

    /// <summary>Antrea's Egress.</summary>
    Antrea,

    /// <summary>OVN-Kubernetes' EgressIP.</summary>
    OVNKubernetes,

    /// <summary>Spidernet's egress gateway.</summary>
    Spidernet,

    /// <summary>Kube-OVN's VpcEgressGateway.</summary>
    KubeOVN,
}
