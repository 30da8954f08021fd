using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;

namespace Dynospace.Cli.Doctor;

/// <summary>What Spaces and their ways out say. Pure.</summary>
internal static class SpaceChecks
{
    private const string Ports = "ports";

    public static IReadOnlyList<Check> Run(ObservedPlatform seen) =>
    [
        .. seen.Gateways.OrderBy(gateway => gateway.Metadata.Name, StringComparer.Ordinal)
            .SelectMany(gateway => OfGateway(gateway, seen)),
        .. seen.Spaces.OrderBy(space => space.Metadata.Name, StringComparer.Ordinal).SelectMany(OfSpace),
    ];

    private static IReadOnlyList<Check> OfGateway(EgressGateway gateway, ObservedPlatform seen)
    {
        var checks = new CheckList(new Subject("egressgateway", gateway.Metadata.Name));
        if (Conditions.Find(gateway.Status?.Conditions, ConditionTypes.Ready) is { } ready)
        {
            checks.Add(ConditionTypes.Ready, CheckList.ResultOf(ready), ready.Message);
        }
        else
        {
            checks.Unknown(ConditionTypes.Ready, "the operator has not judged it yet");
        }

        foreach (var ip in gateway.Status?.IPs ?? [])
        {
            Holder(checks, ip, seen);
        }

        foreach (var ip in gateway.Spec.IPs ?? [])
        {
            PortsOf(checks, ip, seen.Networks);
        }

        return checks.Checks;
    }

    /// <summary>The report of a node that died stays as it was.</summary>
    private static void Holder(CheckList checks, EgressIPStatus ip, ObservedPlatform seen)
    {
        var name = $"gateway of {ip.Address}";
        if (ip.Gateway is null)
        {
            // The condition says so.
            return;
        }

        var node = seen.Nodes.FirstOrDefault(node => node.Metadata.Name == ip.Gateway);
        if (node is not null
            && node.Status?.Conditions?.FirstOrDefault(
                condition => condition.Type == "Ready") is { Status: not "True" })
        {
            checks.Fail(
                name, $"node {ip.Gateway}, which said last that it has the address, is not ready",
                "another gateway takes it over if there is one: see the log of its agent");
        }
        else if (node is null && seen.Nodes.Count > 0)
        {
            checks.Fail(name, $"node {ip.Gateway}, which said last that it has the address, is gone");
        }
        else
        {
            checks.Ok(name, $"node {ip.Gateway}");
        }
    }

    private static void PortsOf(CheckList checks, EgressIP ip, IReadOnlyList<NodeNetwork> networks)
    {
        foreach (var blocks in (ip.Ports ?? []).GroupBy(block => block.Node, StringComparer.Ordinal)
            .OrderBy(blocks => blocks.Key, StringComparer.Ordinal))
        {
            var total = blocks.Sum(block => block.Last - block.First + 1);
            var used = networks.FirstOrDefault(network => network.Metadata.Name == blocks.Key)?.Status?.Egress?.Uses?
                .FirstOrDefault(use => use.Address == ip.Address)?.PortsInUse ?? 0;
            var text = string.Create(
                CultureInfo.InvariantCulture, $"{blocks.Key} uses {used} of its {total} ports of {ip.Address}");
            if (used >= total)
            {
                checks.Fail(
                    Ports, $"{text}: new connections to the same server fail",
                    "it gets more while there are any: if it does not, add an address to the Space");
            }
            else if (used * 2 > total)
            {
                checks.Warn(Ports, text, "it gets more while there are any");
            }
            else
            {
                checks.Ok(Ports, text);
            }
        }
    }

    private static IReadOnlyList<Check> OfSpace(Space space)
    {
        var checks = new CheckList(new Subject("space", space.Metadata.Name));
        var conditions = (space.Status?.Conditions ?? [])
            .Where(condition => condition.Type is not (ConditionTypes.Reconciling or ConditionTypes.Stalled))
            .ToList();
        if (conditions.Count == 0 || space.Status?.ObservedGeneration < space.Metadata.Generation)
        {
            checks.Warn(
                ConditionTypes.Ready, "the operator has not answered its last change",
                "wait some seconds; then see whether the operator runs");
        }

        foreach (var condition in conditions)
        {
            var result = CheckList.ResultOf(condition);
            // Without a provider the addresses are not what the spec says, and nothing is broken.
            result = condition.Reason == Reasons.NotProvisioned.Name ? CheckResult.Warning : result;
            checks.Add(condition.Type, result, $"{condition.Reason}: {condition.Message}");
        }

        return checks.Checks;
    }
}
