using System.Collections.Concurrent;
using System.Text.Json;
using Dynospace.NodeAgent.Caching;
using Dynospace.NodeAgent.Policies;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>
/// Caches of namespaces, pods and policies, reduced to the fields that affect policies. Collects changes until they are
/// taken.
/// </summary>
internal sealed class PolicyCaches
{
    private readonly Informer<V1Namespace> _namespaces;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1NetworkPolicy> _policies;
    private readonly ConcurrentDictionary<(string Kind, ObjectKey Key), bool> _changed = [];
    private readonly Action _onChange;

    /// <param name="onChange">Called when there are changes to take.</param>
    public PolicyCaches(IApiTransport transport, Action onChange, TimeProvider clock, ILoggerFactory loggers)
    {
        _onChange = onChange;
        _namespaces = Create<V1Namespace>(Slim);
        _pods = Create<V1Pod>(Slim);
        _policies = Create<V1NetworkPolicy>(Slim);
        Informers = new InformerGroup(_namespaces, _pods, _policies);

        Informer<T> Create<T>(Func<T, T> slim)
            where T : class, IKubernetesObject<V1ObjectMeta>
        {
            var kind = ResourceKind.For<T>();
            var informer = new Informer<T>(
                transport, kind, new InformerOptions<T> { Decode = element => slim(Read<T>(element)) }, clock,
                loggers.CreateLogger<Informer<T>>());
            informer.AddHandler(change => Note(kind.Kind, change.Key));
            return informer;
        }
    }

    public InformerGroup Informers { get; }

    /// <summary>The pods of all nodes.</summary>
    public IReadOnlyCollection<V1Pod> Pods => _pods.Store.List();

    /// <summary>Updates the index with the current state of everything that changed.</summary>
    public void MoveTo(PolicyIndex index)
    {
        foreach (var (kind, key) in _changed.Keys)
        {
            // Removed first: a change while the store is read is recorded again.
            _changed.TryRemove((kind, key), out _);
            switch (kind)
            {
                case V1Namespace.KubeKind:
                    index.SetNamespace(key.Name, _namespaces.Store.Get(key));
                    break;
                case V1Pod.KubeKind:
                    index.SetPod(key, _pods.Store.Get(key));
                    break;
                default:
                    index.SetPolicy(key, _policies.Store.Get(key));
                    break;
            }
        }
    }

    /// <summary>Marks everything as changed, because a new index is empty.</summary>
    public void NoteAll()
    {
        NoteAll(_namespaces);
        NoteAll(_pods);
        NoteAll(_policies);

        void NoteAll<T>(Informer<T> informer)
            where T : class, IKubernetesObject<V1ObjectMeta>
        {
            foreach (var item in informer.Store.List())
            {
                var key = new ObjectKey(item.Metadata.NamespaceProperty, item.Metadata.Name);
                _changed[(informer.Kind.Kind, key)] = true;
            }
        }
    }

    private void Note(string kind, ObjectKey key)
    {
        _changed[(kind, key)] = true;
        _onChange();
    }

    private static T Read<T>(JsonElement element)
    {
        try
        {
            return KubernetesJson.Deserialize<T>(element);
        }
        catch (JsonException) when (typeof(T) == typeof(V1NetworkPolicy))
        {
            // A newer API may contain values that this version cannot read. Without a known policy type, the policy
            // isolates in both directions, and without a selector it applies to the whole namespace.
            var unread = new V1NetworkPolicy
            {
                Metadata = KubernetesJson.Deserialize<V1ObjectMeta>(element.GetProperty("metadata")),
                Spec = new V1NetworkPolicySpec { PolicyTypes = ["(unreadable)"] },
            };
            return (T)(object)unread;
        }
    }

    private static V1Namespace Slim(V1Namespace value) => new()
    {
        Metadata = new V1ObjectMeta { Name = value.Metadata.Name, Labels = value.Metadata.Labels },
    };

    private static V1NetworkPolicy Slim(V1NetworkPolicy value) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = value.Metadata.Name,
            NamespaceProperty = value.Metadata.NamespaceProperty,
        },
        Spec = value.Spec,
    };

    private static V1Pod Slim(V1Pod value) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = value.Metadata.Name,
            NamespaceProperty = value.Metadata.NamespaceProperty,
            Labels = value.Metadata.Labels,
            CreationTimestamp = value.Metadata.CreationTimestamp,
            DeletionTimestamp = value.Metadata.DeletionTimestamp,
            OwnerReferences = value.Metadata.OwnerReferences?
                .Select(owner => new V1OwnerReference { Kind = owner.Kind, Name = owner.Name })
                .ToList(),
        },
        Spec = new V1PodSpec
        {
            NodeName = value.Spec?.NodeName,
            HostNetwork = value.Spec?.HostNetwork,
            Containers = Slim(value.Spec?.Containers),
            InitContainers = Slim(value.Spec?.InitContainers),
        },
        Status = new V1PodStatus
        {
            Phase = value.Status?.Phase,
            PodIP = value.Status?.PodIP,
            PodIPs = value.Status?.PodIPs,
        },
    };

    private static List<V1Container>? Slim(IList<V1Container>? containers) => containers?
        .Where(container => container?.Ports is { Count: > 0 })
        .Select(container => new V1Container { Ports = container.Ports, RestartPolicy = container.RestartPolicy })
        .ToList();
}
