using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Auth;

/// <summary>
/// The object to which a token is bound: the token is valid while the object exists. A token bound to a pod also names
/// the pod's node, to which admission policies can restrict an agent.
/// </summary>
internal sealed record TokenBinding
{
    private const string ExtraPrefix = "authentication.kubernetes.io/";

    private static readonly ResourceId Pods = new("", "pods");
    private static readonly ResourceId Nodes = new("", "nodes");
    private static readonly ResourceId Secrets = new("", "secrets");

    private (string Name, string Uid)? Pod { get; init; }

    private (string Name, string Uid)? Secret { get; init; }

    /// <summary>The pod's node; the uid is null if there is no Node object.</summary>
    private (string Name, string? Uid)? Node { get; init; }

    /// <summary>Whether the token is bound to the node itself.</summary>
    private bool IsToNode { get; init; }

    /// <summary>The object that a TokenRequest names; null for none.</summary>
    /// <exception cref="ApiStatusException">The object does not exist, or tokens cannot be bound to it.</exception>
    public static TokenBinding? FromRequest(
        JsonObject spec, string ns, string account, IResourceRegistry registry)
    {
        if (spec["boundObjectRef"] is not JsonObject reference)
        {
            return null;
        }

        var (version, kind) = (reference.NonEmpty("apiVersion") ?? "", reference.NonEmpty("kind") ?? "");
        var name = reference.NonEmpty("name") ?? "";
        var binding = (version, kind) switch
        {
            ("v1", "Pod") => ToPod(ns, name, account, registry),
            ("v1", "Node") => new TokenBinding { Node = Find(Nodes, null, name, registry), IsToNode = true },
            ("v1", "Secret") => new TokenBinding { Secret = Find(Secrets, ns, name, registry) },
            _ => throw ApiErrors.BadRequest($"cannot bind token to object of type {TypeName(version, kind)}"),
        };
        var uid = binding.Pod?.Uid ?? binding.Secret?.Uid ?? binding.Node?.Uid;
        return reference.NonEmpty("uid") is { } wanted && wanted != uid
            ? throw ApiErrors.Conflict(
                new ResourceId("", kind),
                name,
                $"the UID in the bound object reference ({wanted}) does not match the UID in record. The object might "
                + "have been deleted and then recreated")
            : binding;
    }

    public static TokenBinding FromPod(StoredObject pod, IResourceRegistry registry) => new()
    {
        Pod = (pod.Name, pod.Uid),
        Node = pod.Content.NonEmpty("spec", "nodeName") is { } node
            ? (node, registry.Get(Nodes, null, node)?.Uid)
            : null,
    };

    /// <summary>Reads the claims that <see cref="WriteTo"/> writes.</summary>
    public static TokenBinding FromClaims(JsonObject claims)
    {
        var pod = Read("pod");
        return new TokenBinding
        {
            Pod = pod,
            Secret = Read("secret"),
            Node = claims["node"] is JsonObject node ? ((string)node["name"]!, (string?)node["uid"]) : null,
            IsToNode = pod is null,
        };

        (string, string)? Read(string kind) =>
            claims[kind] is JsonObject item ? ((string)item["name"]!, (string)item["uid"]!) : null;
    }

    public void WriteTo(JsonObject claims)
    {
        Write("pod", Pod?.Name, Pod?.Uid);
        Write("secret", Secret?.Name, Secret?.Uid);
        Write("node", Node?.Name, Node?.Uid);

        void Write(string kind, string? name, string? uid)
        {
            if (name is not null)
            {
                var item = new JsonObject { ["name"] = name };
                if (uid is not null)
                {
                    item["uid"] = uid;
                }

                claims[kind] = item;
            }
        }
    }

    /// <summary>Whether the object still exists.</summary>
    public bool Holds(string ns, IResourceRegistry registry)
    {
        return Exists(Pods, ns, Pod?.Name, Pod?.Uid)
            && Exists(Secrets, ns, Secret?.Name, Secret?.Uid)
            && (!IsToNode || Exists(Nodes, null, Node?.Name, Node?.Uid));

        bool Exists(ResourceId resource, string? place, string? name, string? uid) =>
            name is null || registry.Get(resource, place, name)?.Uid == uid;
    }

    /// <summary>The extra attributes of the user of a request with this token.</summary>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Extra()
    {
        foreach (var (kind, name, uid) in
            new[] { ("pod", Pod?.Name, Pod?.Uid), ("node", Node?.Name, Node?.Uid) })
        {
            if (name is not null)
            {
                yield return new(ExtraPrefix + kind + "-name", [name]);
            }

            if (uid is not null)
            {
                yield return new(ExtraPrefix + kind + "-uid", [uid]);
            }
        }
    }

    private static TokenBinding ToPod(string ns, string name, string account, IResourceRegistry registry)
    {
        var pod = registry.Get(Pods, ns, name) ?? throw ApiErrors.NotFound(Pods, name);
        if (pod.Content.NonEmpty("spec", "serviceAccountName") != account)
        {
            throw ApiErrors.BadRequest(
                $"cannot bind token for serviceaccount \"{account}\" to pod running with different serviceaccount "
                + "name.");
        }

        return FromPod(pod, registry);
    }

    private static (string Name, string Uid) Find(
        ResourceId resource, string? ns, string name, IResourceRegistry registry) =>
        registry.Get(resource, ns, name) is { } found
            ? (found.Name, found.Uid)
            : throw ApiErrors.NotFound(resource, name);

    private static string TypeName(string version, string kind)
    {
        var (group, number) = version.Split('/') is [var first, var second] ? (first, second) : ("", version);
        return $"{group}/{number}, Kind={kind}";
    }
}
