using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Client;
using Dynospace.Hosting.Options;
using Dynospace.Operator;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Cli.Doctor;

/// <summary>What the checks examine.</summary>
internal sealed record ObservedPlatform
{
    public IReadOnlyList<Space> Spaces { get; init; } = [];

    public IReadOnlyList<EgressGateway> Gateways { get; init; } = [];

    public IReadOnlyList<NodeNetwork> Networks { get; init; } = [];

    public IReadOnlyList<V1Node> Nodes { get; init; } = [];

    /// <summary>The limit of a pod's processes, by node; null for a node without a limit.</summary>
    public IReadOnlyDictionary<string, long?> PodPidsLimits { get; init; } = new Dictionary<string, long?>();

    /// <summary>The Deployments of operators.</summary>
    public IReadOnlyList<V1Deployment> Operators { get; init; } = [];

    /// <summary>All DaemonSets: those of networks show which network the cluster has.</summary>
    public IReadOnlyList<V1DaemonSet> DaemonSets { get; init; } = [];

    /// <summary>The pods of the node agent.</summary>
    public IReadOnlyList<V1Pod> AgentPods { get; init; } = [];

    /// <summary>The kinds that the cluster does not serve.</summary>
    public IReadOnlyList<string> MissingKinds { get; init; } = [];

    /// <summary>The plural names of what the user may not list.</summary>
    public IReadOnlyList<string> Forbidden { get; init; } = [];

    /// <summary>The operator's options, by its Deployment; null if there is none, or they cannot be read.</summary>
    public PlatformOptions? Options { get; init; }

    /// <summary>Why the options cannot be read; null if they can.</summary>
    public string? OptionProblem { get; init; }

    /// <summary>The DaemonSet of the node agent; null without one.</summary>
    public V1DaemonSet? Agent =>
        DaemonSets.FirstOrDefault(set => set.GetLabel(Labels.Name) == PlatformReader.AgentName);

    /// <summary>Whether the agent is started with an option.</summary>
    public bool HasAgentOption(string option) =>
        (Agent?.Spec?.Template?.Spec?.Containers ?? []).SelectMany(container => container.Args ?? [])
            .Contains($"--{option}=true");

    /// <summary>Whether a node's agent says that a part is switched on.</summary>
    public static bool HasPart(NodeNetwork? network, string part) =>
        network?.Status?.Parts?.Split(", ").Contains(part) == true;
}

/// <summary>Reads what the checks need, as far as the user may.</summary>
internal sealed class PlatformReader(Session session)
{
    public const string AgentName = "dynospace-node-agent";
    public const string OperatorName = "dynospace-operator";

    private readonly List<string> _missing = [];
    private readonly List<string> _forbidden = [];

    public async Task<ObservedPlatform> ReadAsync(CancellationToken cancellationToken)
    {
        var operators = await ListAsync<V1Deployment>(
            ResourceKind.For<V1Deployment>(), $"{Labels.Name}={OperatorName}", cancellationToken);
        var (options, problem) = OptionsOf(operators is [var first, ..] ? first : null);
        var platform = new ObservedPlatform
        {
            Spaces = await ListAsync<Space>(ClientKinds.Space, null, cancellationToken),
            Gateways = await ListAsync<EgressGateway>(ClientKinds.EgressGateway, null, cancellationToken),
            Networks = await ListAsync<NodeNetwork>(ClientKinds.NodeNetwork, null, cancellationToken),
            Nodes = await ListAsync<V1Node>(ResourceKind.For<V1Node>(), null, cancellationToken),
            Operators = operators,
            DaemonSets = await ListAsync<V1DaemonSet>(ResourceKind.For<V1DaemonSet>(), null, cancellationToken),
            AgentPods = await ListAsync<V1Pod>(
                ClientKinds.Pod, $"{Labels.Name}={AgentName}", cancellationToken),
            Options = options,
            OptionProblem = problem,
        };
        await FindAsync<App>(ClientKinds.App, cancellationToken);
        await FindAsync<Dyno>(ClientKinds.Dyno, cancellationToken);
        foreach (var kind in EgressProviders.Find(options?.Egress.Provider ?? EgressProvider.None)?.Kinds ?? [])
        {
            await FindAsync<JsonNode>(
                new ResourceKind(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.IsNamespaced),
                cancellationToken);
        }

        return platform with
        {
            MissingKinds = _missing,
            Forbidden = _forbidden,
            PodPidsLimits = await ProcessLimits.ReadAsync(session.Transport, platform.Nodes, cancellationToken),
        };
    }

    /// <summary>What the operator is started with; without a Deployment nothing is known.</summary>
    internal static (PlatformOptions? Options, string? Problem) OptionsOf(V1Deployment? deployment)
    {
        var arguments = deployment?.Spec?.Template?.Spec?.Containers?.FirstOrDefault()?.Args;
        if (arguments is null)
        {
            return (null, null);
        }

        try
        {
            return (
                OperatorConfiguration.ReadPlatform(
                    new ConfigurationBuilder().AddCommandLine([.. arguments]).Build()),
                null);
        }
        catch (Exception e) when (e is OptionException or FormatException)
        {
            return (null, e.Message.ReplaceLineEndings(" "));
        }
    }

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        ResourceKind kind, string? labels, CancellationToken cancellationToken)
        where T : class =>
        await TryAsync(kind, () => session.ListAsync<T>(kind, null, labels, cancellationToken)) ?? [];

    /// <summary>Asks for one object, which shows whether the kind is served.</summary>
    private async Task FindAsync<T>(ResourceKind kind, CancellationToken cancellationToken)
        where T : class =>
        await TryAsync(kind, async () => await session.Transport.ListAllAsync(
            kind, new ListQuery { Limit = 1 }, JsonObjects.To<T>, cancellationToken).FirstOrDefaultAsync(
            cancellationToken));

    private async Task<T?> TryAsync<T>(ResourceKind kind, Func<Task<T>> ask)
        where T : class?
    {
        try
        {
            return await ask();
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            _missing.Add(kind.Kind);
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            _forbidden.Add(kind.Plural);
        }

        return null;
    }
}
