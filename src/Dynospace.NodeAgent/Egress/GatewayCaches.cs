using System.Text.Json;
using Dynospace.Api.Egress;
using Dynospace.NodeAgent.Caching;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Egress;

/// <summary>Caches of EgressGateways and of the pods of this node.</summary>
internal sealed class GatewayCaches
{
    private static readonly ResourceKind GatewayKind = ResourceKind.For<EgressGateway>(isNamespaced: false);

    private readonly Informer<EgressGateway> _gateways;
    private readonly Informer<V1Pod> _pods;

    /// <param name="onChange">Called when a spec or a pod changed.</param>
    public GatewayCaches(
        IApiTransport transport, string node, Action onChange, TimeProvider clock, ILoggerFactory loggers)
    {
        _gateways = new Informer<EgressGateway>(
            transport, GatewayKind, new() { Decode = element => JsonObjects.To<EgressGateway>(element) }, clock,
            loggers.CreateLogger<Informer<EgressGateway>>());
        _pods = new Informer<V1Pod>(
            transport, ResourceKind.For<V1Pod>(),
            new() { Decode = SlimPod, FieldSelector = $"spec.nodeName={node}" }, clock,
            loggers.CreateLogger<Informer<V1Pod>>());
        _gateways.AddHandler(change =>
        {
            // The status changes with the ports in use, which agents ignore.
            if (change is not { Old.Metadata: { } old, New.Metadata: { Generation: not null } now }
                || old.Uid != now.Uid || old.Generation != now.Generation)
            {
                onChange();
            }
        });
        _pods.AddHandler(_ => onChange());
        Informers = new InformerGroup(_gateways, _pods);
    }

    public InformerGroup Informers { get; }

    public IReadOnlyCollection<EgressGateway> Gateways => _gateways.Store.List();

    /// <summary>The pods of this node.</summary>
    public IReadOnlyCollection<V1Pod> Pods => _pods.Store.List();

    private static V1Pod SlimPod(JsonElement element)
    {
        var pod = KubernetesJson.Deserialize<V1Pod>(element);
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = pod.Metadata.Name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Uid = pod.Metadata.Uid,
                Labels = pod.Metadata.Labels,
                Annotations = pod.Metadata.Annotations,
                CreationTimestamp = pod.Metadata.CreationTimestamp,
                DeletionTimestamp = pod.Metadata.DeletionTimestamp,
            },
            Spec = new V1PodSpec
            {
                HostNetwork = pod.Spec?.HostNetwork,
                InitContainers = [.. (pod.Spec?.InitContainers ?? []).Where(EgressObjects.IsOwnGate)],
            },
            Status = new V1PodStatus
            {
                Phase = pod.Status?.Phase,
                PodIP = pod.Status?.PodIP,
                PodIPs = pod.Status?.PodIPs,
            },
        };
    }
}
