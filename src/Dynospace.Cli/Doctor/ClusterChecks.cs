using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.NodeAgent.Networks;
using k8s.Models;

namespace Dynospace.Cli.Doctor;

/// <summary>What is one for the whole cluster. Pure.</summary>
internal static class ClusterChecks
{
    private const string OperatorProgram = "operator";
    private const string AgentProgram = "node agent";

    public static IReadOnlyList<Check> Run(ObservedPlatform seen)
    {
        var checks = new CheckList(Subject.Cluster);
        Kinds(checks, seen);
        Operator(checks, seen);
        Agent(checks, seen);
        Network(checks, seen);
        Gateways(checks, seen);
        PacketSizes(checks, seen);
        return checks.Checks;
    }

    private static void Kinds(CheckList checks, ObservedPlatform seen)
    {
        if (seen.MissingKinds.Count > 0)
        {
            checks.Fail(
                "API", $"the cluster does not serve {string.Join(", ", seen.MissingKinds)}",
                "for kinds of Dynospace: dynospace crds | kubectl apply --server-side --force-conflicts -f -; for "
                + "others install the egress provider that option egressProvider names, or choose another");
        }
        else
        {
            checks.Ok("API", "every kind is served");
        }

        if (seen.Forbidden.Count > 0)
        {
            checks.Unknown(
                "rights", $"you may not list {string.Join(", ", seen.Forbidden)}, so what they show is left out",
                "ask for a role of the platform team");
        }
    }

    private static void Operator(CheckList checks, ObservedPlatform seen)
    {
        if (seen.Operators is not [var found, ..])
        {
            checks.Warn(
                OperatorProgram,
                $"no Deployment has the label {Labels.Name}={PlatformReader.OperatorName}: the operator "
                + "runs elsewhere or is not installed, and its options are not known",
                "helm install, as docs/operator.md says");
            return;
        }

        var (ready, wanted) = (found.Status?.ReadyReplicas ?? 0, found.Spec?.Replicas ?? 1);
        var text = string.Create(CultureInfo.InvariantCulture, $"{ready} of {wanted} replicas are ready");
        if (ready == 0)
        {
            checks.Fail(
                OperatorProgram, text,
                $"kubectl logs -n {found.Metadata.NamespaceProperty} deployment/{found.Metadata.Name}");
        }
        else if (ready < wanted)
        {
            checks.Warn(OperatorProgram, text, $"kubectl get pods -n {found.Metadata.NamespaceProperty}");
        }
        else
        {
            checks.Ok(OperatorProgram, text);
        }

        if (seen.OptionProblem is { } problem)
        {
            checks.Fail("options", problem, "correct the value below options in the chart, and upgrade");
        }
    }

    private static void Agent(CheckList checks, ObservedPlatform seen)
    {
        var isNeeded = seen.Options?.Egress.Provider == EgressProvider.Builtin || seen.Gateways.Count > 0;
        if (seen.Agent is not { } agent)
        {
            var reporting = seen.Networks.Count(network => ObservedPlatform.HasPart(network, NodeChecks.Egress));
            if (reporting > 0)
            {
                checks.Ok(AgentProgram, string.Create(
                    CultureInfo.InvariantCulture, $"no DaemonSet of it; with the part egress on {reporting} nodes"));
            }
            else if (isNeeded)
            {
                checks.Fail(
                    AgentProgram, "fixed IPs are by the built-in provider, and no node agent runs",
                    "helm upgrade ... --set nodeAgent.enabled=true --set nodeAgent.egress.enabled=true");
            }
            else
            {
                checks.Ok(AgentProgram, "not installed, and not needed");
            }

            return;
        }

        var (ready, wanted) = (agent.Status?.NumberReady ?? 0, agent.Status?.DesiredNumberScheduled ?? 0);
        var text = string.Create(CultureInfo.InvariantCulture, $"ready on {ready} of {wanted} nodes");
        if (isNeeded && !seen.HasAgentOption("egress.enabled"))
        {
            checks.Fail(
                AgentProgram, "fixed IPs are by the built-in provider, and the agent's part egress is off",
                "helm upgrade ... --set nodeAgent.egress.enabled=true");
        }
        else if (ready < wanted)
        {
            checks.Fail(
                AgentProgram, text,
                $"kubectl get pods -n {agent.Metadata.NamespaceProperty} -o wide; the checks of the nodes say why");
        }
        else
        {
            checks.Ok(AgentProgram, text);
        }
    }

    /// <summary>Which network the cluster has, and whether the agent stands in its way.</summary>
    private static void Network(CheckList checks, ObservedPlatform seen)
    {
        const string name = "network";
        var found = seen.DaemonSets
            .Select(set => (Set: set, Network: KnownNetworks.ByDaemonSet(set.Metadata.Name)))
            .Where(item => item.Network is not null)
            .Select(item => (item.Network!.Name, item.Network.Enforces, Sign:
                $"{item.Network.Name} (DaemonSet {item.Set.Metadata.NamespaceProperty}/{item.Set.Metadata.Name})"))
            .ToList();
        var enforcers = found.Where(item => item.Enforces).Select(item => item.Sign).ToList();
        if (enforcers.Count > 0 && seen.HasAgentOption("policies.enforce"))
        {
            checks.Fail(
                name, $"{string.Join(", ", enforcers)} enforces policies, and the node agent is to do so too",
                "helm upgrade ... --set nodeAgent.policies.enforce=false");
        }
        else if (found.Count > 0)
        {
            checks.Ok(name, string.Join(", ", found.Select(item => item.Sign)));
        }
        else
        {
            checks.Ok(name, "none that is known by a DaemonSet");
        }
    }

    private static void Gateways(CheckList checks, ObservedPlatform seen)
    {
        const string name = "gateway nodes";
        if (seen.Options is not { } options || (options.Egress.Provider != EgressProvider.Builtin
            && seen.Gateways.Count == 0))
        {
            return;
        }

        var labels = string.Join(',', options.Egress.GatewayLabels.Select(label => $"{label.Key}={label.Value}"));
        var nodes = seen.Nodes
            .Where(node => options.Egress.GatewayLabels.All(label => node.GetLabel(label.Key) == label.Value))
            .Select(node => node.Metadata.Name)
            .Order(StringComparer.Ordinal)
            .ToList();
        switch (nodes.Count)
        {
            case 0:
                checks.Fail(name, $"no node has the label {labels}", $"kubectl label node NODE NODE {labels}");
                break;
            case 1:
                checks.Warn(
                    name, $"{nodes[0]} alone: when it fails, traffic of all spaces with fixed IPs stops",
                    $"kubectl label node NODE {labels}");
                break;
            default:
                checks.Ok(name, string.Join(", ", nodes));
                break;
        }
    }

    /// <summary>Tunnels take their size from their own node.</summary>
    private static void PacketSizes(CheckList checks, ObservedPlatform seen)
    {
        var sizes = seen.Networks
            .Select(network => (network.Metadata.Name, Mtu: NodeChecks.Uplinks(network.Status?.Kernel)
                .Select(link => (int?)link.Mtu).Min()))
            .Where(item => item.Mtu is not null)
            .OrderBy(item => item.Mtu)
            .ThenBy(item => item.Name, StringComparer.Ordinal)
            .ToList();
        if (sizes.Count > 0 && sizes[0].Mtu != sizes[^1].Mtu)
        {
            checks.Warn(
                "MTU", string.Create(
                    CultureInfo.InvariantCulture,
                    $"nodes have links of different size: {sizes[0].Name} {sizes[0].Mtu}, {sizes[^1].Name} "
                    + $"{sizes[^1].Mtu}. Packets between them that are too large for the smaller one are lost in a "
                    + $"tunnel"),
                "give all nodes the same MTU");
        }
    }
}
