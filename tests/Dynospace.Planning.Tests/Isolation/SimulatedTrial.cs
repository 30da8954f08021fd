using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Isolation;

/// <summary>
/// A space whose trials go by what their pods are said to do; every plan is carried out before the next.
/// </summary>
public sealed class SimulatedTrial
{
    public Space Space { get; } = Sample.Space(SpaceRuntime.Private);

    public PlatformOptions Options { get; init; } = Sample.Options;

    public DateTimeOffset Now { get; set; } = Sample.Now;

    public ClusterFacts Cluster { get; set; } = Sample.Cluster;

    public List<PolicyFacts> Policies { get; } =
    [
        new() { Name = "default-deny", Uid = "p", Space = "acme", Generation = 1 },
    ];

    public List<PodFacts> Pods { get; } = [];

    public List<V1Pod> Made { get; } = [];

    public bool IsSettled { get; set; } = true;

    public string Seed { get; set; } = "seed";

    public IsolationTrial? Record => Space.Status?.Isolation;

    public TrialPlan Plan()
    {
        var plan = SpacePlanner.Plan(Observed(), Options).Trial;
        return IsSettled ? plan : plan.WhileUnsettled();
    }

    /// <summary>Plans and carries it out, as often as asked.</summary>
    public TrialPlan Step(int times = 1)
    {
        var plan = Plan();
        if (plan.Pod is { } pod)
        {
            Made.Add(pod);
            Pods.Add(new()
            {
                Namespace = "acme",
                Name = pod.Metadata.Name,
                Uid = $"uid-{Made.Count}",
                OwnerUid = Space.Metadata.Uid,
                Canary = new(pod.Metadata.Labels[Labels.Canary], Now),
                Phase = PodPhase.Pending,
            });
        }

        Pods.RemoveAll(found => plan.Children.Deletions.Any(unwanted => unwanted.Child.Uid == found.Uid));
        Space.Status = new() { Isolation = plan.Record, Conditions = StatusOf(plan).Conditions };
        return times == 1 ? plan : Step(times - 1);
    }

    public void Change(string role, Func<PodFacts, PodFacts> change)
    {
        var at = Pods.FindIndex(pod => pod.Canary?.Role == role);
        Pods[at] = change(Pods[at]);
    }

    public void TargetListens(string? otherAddress = null) => Change(CanaryRoles.Target, pod => pod with
    {
        Phase = PodPhase.Running,
        IsReady = true,
        IP = "10.244.1.9",
        OtherIP = otherAddress,
        Container = new() { IsRunning = true },
    });

    public void ProbeEnds(int code) => Change(CanaryRoles.Probe, pod => pod with
    {
        Phase = code == 0 ? PodPhase.Succeeded : PodPhase.Failed,
        Container = new() { HasEnded = true, LastTermination = new(code, null, null) },
    });

    /// <summary>A whole trial, from its first pod until none is left.</summary>
    public TrialPlan Hold(int code, string? otherAddress = null)
    {
        Step();
        TargetListens(otherAddress);
        Step();
        ProbeEnds(code);
        var end = Step();
        Step();
        return end;
    }

    public SpaceStatus StatusOf(TrialPlan plan)
    {
        var observed = Observed();
        return SpaceStatusBuilder.Build(
            observed, SpacePlanner.Plan(observed, Options) with { Trial = plan }, new(), Options, Now);
    }

    public TrialConclusion? Conclusion(TrialPlan plan) => TrialConclusion.FromRecord(plan.Record, Options);

    private ObservedSpace Observed() => new()
    {
        Routers = [Sample.ServingRouter(Space)],
        Space = Space,
        Now = Now,
        TrialSeed = Seed,
        Namespace = Sample.NamespaceOf(Sample.Space(SpaceRuntime.Private)),
        Cluster = Cluster,
        Policies = Policies,
        Canaries = [.. Pods],
    };
}
