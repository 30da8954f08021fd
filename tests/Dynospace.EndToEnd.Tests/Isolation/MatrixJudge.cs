using System.Text.RegularExpressions;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Planning.Policies;
using Dynospace.Reachability;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using k8s;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>The evaluator, asked about a cell by the objects that the cluster's API shows.</summary>
internal sealed partial class MatrixJudge
{
    private const string Fence = Bystanders.System + "/router-[-a-z0-9]+";

    private readonly ReachabilityEvaluator _evaluator;
    private readonly MatrixEnds _ends;
    private readonly bool _hasRouters;

    private MatrixJudge(IReadOnlyCollection<IKubernetesObject> objects, MatrixEnds ends, bool hasRouters) =>
        (_evaluator, _ends, _hasRouters) = (new(ClusterSnapshot.From(objects)), ends, hasRouters);

    /// <summary>
    /// Reads the objects afresh: what the tests follow by watches may lag behind for one kind and not for another.
    /// </summary>
    public static async Task<MatrixJudge> ReadAsync(ApiClient api, MatrixEnds ends, bool hasRouters)
    {
        var token = TestContext.Current.CancellationToken;
        List<IKubernetesObject> objects = [.. ends.Nodes];
        objects.AddRange(await api.ListAsync<V1Namespace>(Kinds.Namespace, token));
        objects.AddRange(await api.ListAsync<V1NetworkPolicy>(Kinds.Policy, token));
        objects.AddRange((await api.ListAsync<V1Pod>(Kinds.Pod, token)).Select(WithBothFamilies));
        return new(objects, ends, hasRouters);
    }

    /// <summary>The verdict; null where the cluster lacks one of the ends.</summary>
    public Verdict? Judge(MatrixCell cell) =>
        _ends.Source(cell) is { } source && _ends.Target(cell) is { } target
            ? _evaluator.Evaluate(source, target, cell.Port)
            : null;

    /// <summary>
    /// Whether the verdict is the cell's, and by the same policies, but for those that exist only where the operator
    /// makes routers. The page's API server runs on the router's own node; one elsewhere needs a rule of the router's.
    /// </summary>
    public bool Agrees(Verdict verdict, MatrixCell cell, string basis)
    {
        var expected = _hasRouters ? basis : WithoutRouters(basis);
        return verdict.Allowed == cell.Expected
            && (verdict.Basis == expected
                || (cell.To == MatrixAddresses.ApiServerByEndpoint
                    && FencedSender().Replace(verdict.Basis, "egress open to the pod's own node") == expected));
    }

    /// <summary>What decides where the operator makes no routers.</summary>
    public static string WithoutRouters(string basis) =>
        FencedSource().Replace(
            FencedTarget().Replace(
                FencedSender().Replace(
                    basis.Replace($", {PolicyNames.PublicRouters}", "", StringComparison.Ordinal),
                    "egress not isolated"),
                ""),
            "");

    [GeneratedRegex("egress by " + Fence + @" rule \d+")]
    private static partial Regex FencedSender();

    [GeneratedRegex(", nor in ingress of " + Fence + "$")]
    private static partial Regex FencedTarget();

    [GeneratedRegex("in egress of " + Fence + ", nor ")]
    private static partial Regex FencedSource();

    /// <summary>
    /// Policies speak of IPv6 on every cluster; where pods have no such address they get one here, so that it is judged
    /// too.
    /// </summary>
    private static V1Pod WithBothFamilies(V1Pod pod, int number)
    {
        if (pod.Status?.PodIPs is { Count: 1 } addresses && pod.Spec.HostNetwork != true)
        {
            addresses.Add(new() { Ip = $"fd00:10:244:1::{number + 1:x}" });
        }

        return pod;
    }
}
