using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dynospace.Api.Nodes;
using Dynospace.Cli.Manifests;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Network;

/// <summary>
/// What the chart installs for node agents besides their DaemonSet: namespace, account, rights, and the policy that
/// keeps each to its own node. Read from the chart's own templates, so that agents of the dev cluster have no more.
/// </summary>
internal static partial class AgentManifests
{
    public const string Account = "dynospace-node-agent";

    private static readonly string[] Templates = ["agent/node-agent.yaml", "agent/node-agent-admission.yaml"];

    /// <summary>The objects, in the order of the templates.</summary>
    public static IReadOnlyList<Manifest> All { get; } =
        [.. Templates.SelectMany(name => Render(EmbeddedFiles.Text(name)).SelectMany(text =>
            ManifestReader.ReadText(text, name)))];

    /// <summary>The documents of a template without its DaemonSet and without what options add.</summary>
    internal static IEnumerable<string> Render(string template) => Separator().Split(template)
        .Select(document => string.Join('\n', Lines(Inline().Replace(document, "").Split('\n'))))
        .Where(document => !document.Contains("\nkind: DaemonSet\n", StringComparison.Ordinal))
        .Select(document => Name().Replace(document, Account));

    private static IEnumerable<string> Lines(IEnumerable<string> lines)
    {
        var depth = 0;
        foreach (var line in lines)
        {
            var action = Action().Match(line).Groups[1].Value;
            if (action is "if" or "with" or "range"
                && !line.Contains(".Values.nodeAgent.enabled", StringComparison.Ordinal))
            {
                depth++;
            }
            else if (action == "end" && depth > 0)
            {
                depth--;
            }
            else if (depth == 0 && action.Length == 0)
            {
                yield return line;
            }
        }
    }

    [GeneratedRegex(@"^---\s*$", RegexOptions.Multiline)]
    private static partial Regex Separator();

    [GeneratedRegex(@"\{\{ if [^}]*\}\}.*?\{\{ end \}\}")]
    private static partial Regex Inline();

    [GeneratedRegex(@"^\s*\{\{-? *(if|with|range|end|\$|/\*)")]
    private static partial Regex Action();

    [GeneratedRegex(@"\{\{ \$name(space)? \}\}")]
    private static partial Regex Name();
}

/// <summary>Gives the agents of a dev cluster their rights, and nodes their blocks.</summary>
internal sealed class AgentRights(IKubernetes client, IApiTransport transport, TimeProvider clock)
{
    private static readonly WriteQuery Query = new() { FieldManager = "dynospace-dev" };
    private static readonly ResourceKind Networks = ResourceKind.For<NodeNetwork>(isNamespaced: false);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(365);

    public Task InstallAsync(CancellationToken cancellationToken) =>
        new ManifestApplier(transport, new KindTable(), clock).ApplyAsync(AgentManifests.All, cancellationToken);

    /// <summary>
    /// The token of a node's agent. It is bound to the node, as that of a pod is to the pod's node, so admission knows
    /// whose it is.
    /// </summary>
    public async Task<string> TokenAsync(string node, CancellationToken cancellationToken) =>
        (await client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest
            {
                Spec = new V1TokenRequestSpec
                {
                    Audiences = [],
                    ExpirationSeconds = (long)TokenLifetime.TotalSeconds,
                    BoundObjectRef = new V1BoundObjectReference { ApiVersion = "v1", Kind = "Node", Name = node },
                },
            },
            AgentManifests.Account,
            AgentManifests.Account,
            cancellationToken: cancellationToken)).Status.Token;

    /// <summary>
    /// Says which addresses a node's pods have: the dev cluster gives each pod a link in a /30 itself. Waits until the
    /// kind is served.
    /// </summary>
    public async Task GrantAsync(string node, string block, CancellationToken cancellationToken)
    {
        var key = ObjectKey.ClusterScoped(node);
        while (true)
        {
            try
            {
                var owner = await transport.GetAsync(ResourceKind.For<V1Node>(), key, cancellationToken);
                await transport.CreateAsync(Networks, NetworkOf(owner, node, block), Query, cancellationToken);
                return;
            }
            catch (ApiException e) when (e is { Code: HttpStatusCode.Conflict, Reason: "AlreadyExists" })
            {
                // The agent has created it already, and the block of an object does not change.
                await transport.DeleteAsync(Networks, key, new DeleteQuery(), cancellationToken);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private static JsonObject NetworkOf(JsonObject owner, string node, string block) =>
        JsonObjects.From(new NodeNetwork
        {
            Metadata = new V1ObjectMeta
            {
                Name = node,
                OwnerReferences =
                [
                    new V1OwnerReference
                    {
                        ApiVersion = "v1",
                        Kind = V1Node.KubeKind,
                        Name = node,
                        Uid = (string?)owner["metadata"]?["uid"],
                    },
                ],
            },
            Spec = new NodeNetworkSpec { Block = block },
        });
}
