using CsCheck;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Isolation;

/// <summary>
/// Any combination of Spaces and Apps that the schema admits, leaning towards those that try to reach one another.
/// </summary>
internal static class AnyWorld
{
    private static readonly string[] SpaceNames = ["acme", "rival", "third"];

    private static readonly Gen<string> Range = Gen.OneOf(
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/8",
        "10.244.0.0/16",
        "10.244.1.0/24",
        "10.244.1.9/32",
        "10.96.0.0/12",
        "fd00::/8",
        "fd00:10:244::/56",
        "fc00::/7",
        "128.0.0.0/1",
        "169.254.0.0/16",
        "169.254.169.254/32",
        "10.40.0.0/16",
        "203.0.113.0/24",
        "172.16.0.0/12",
        "8000::/1",
        "64:ff9b::/96",
        "2000::/3");

    /// <summary>Selectors that imitate dynos, routers and other spaces, or select everything.</summary>
    private static readonly Gen<V1LabelSelector> Selector = Gen.OneOf<V1LabelSelector>(
        new(),
        Matching("app", "orders-db"),
        Matching(Labels.ProcessType, ProcessTypes.Web),
        Matching(Labels.Space, "rival"),
        Matching(Labels.Component, ComponentValues.RouterPublic),
        new() { MatchExpressions = [new() { Key = Labels.Dyno, OperatorProperty = "Exists" }] },
        new() { MatchExpressions = [new() { Key = Labels.Dyno, OperatorProperty = "DoesNotExist" }] },
        new()
        {
            MatchExpressions =
            [
                new() { Key = Labels.ProcessType, OperatorProperty = "In", Values = ["web", "run", "worker"] },
            ],
        });

    private static readonly Gen<DataService> AnyDataService = Gen.OneOf(
        Gen.Select(
            Selector,
            Gen.OneOf("acme", "rival", "third", "search", "default", "kube-system", "dynospace-system").Null(),
            Gen.OneOf(5000, 5432, 80))
            .Select((selector, ns, port) => new DataService { PodSelector = selector, Namespace = ns, Ports = [port] }),
        Gen.Select(Range, Gen.OneOf(5000, 5432))
            .Select((cidr, port) => new DataService { Cidrs = [cidr], Ports = [port] }));

    private static readonly Gen<EgressRule> AnyRule =
        Gen.Select(Range, Gen.Enum<NetworkProtocol>(), Gen.Int[1, 65535].Nullable(), Gen.Int[0, 70_000])
            .Select(
                (cidr, protocol, port, span) => new EgressRule
                {
                    Cidr = cidr,
                    Protocol = protocol,
                    Port = port,
                    EndPort = port is { } first ? Math.Min(65535, first + span) : null,
                });

    /// <summary>The apps of one space and those that come later.</summary>
    public static readonly Gen<App> AnyApp =
        Gen.Select(Gen.OneOf("shop", "blog", "jobs"), Gen.Int[0, 2], Gen.Int[0, 1], Gen.Bool)
            .Select((name, web, worker, isInternal) =>
            {
                var app = Sample.App(name, ("web", web), ("worker", worker));
                app.Spec.InternalRouting = isInternal;
                return app;
            });

    public static readonly Gen<IReadOnlyList<(Space Space, App[] Apps)>> Spaces =
        Gen.Select(AnySpace(0), AnySpace(1), AnySpace(2))
            .Select((first, second, third) => (IReadOnlyList<(Space, App[])>)[first, second, third]);

    public static IsolationWorld Build(IEnumerable<(Space Space, App[] Apps)> spaces)
    {
        var world = new IsolationWorld();
        foreach (var (space, apps) in spaces)
        {
            world.AddSpace(space);
            foreach (var app in apps)
            {
                world.AddApp(space, app);
            }
        }

        return world;
    }

    private static Gen<(Space, App[])> AnySpace(int number) =>
        Gen.Select(
            Gen.Enum<SpaceRuntime>(),
            AnyDataService.Array[0, 3],
            Range.Array[0, 3],
            AnyRule.Array[0, 3],
            AnyApp.Array[0, 2])
            .Select(
                (runtime, services, peers, rules, apps) =>
                    (SpaceOf(number, runtime, services, peers, rules), apps.DistinctBy(app => app.Metadata.Name)
                        .ToArray()));

    private static Space SpaceOf(
        int number, SpaceRuntime runtime, DataService[] services, string[] peers, EgressRule[] rules)
    {
        var space = Sample.Space(runtime, SpaceNames[number]);
        if (runtime != SpaceRuntime.Common)
        {
            space.Spec.DataServices =
            [
                .. services.Select(
                    (service, i) => new DataService
                    {
                        Name = $"service{i}",
                        PodSelector = service.PodSelector,
                        Namespace = service.Namespace,
                        Cidrs = service.Cidrs,
                        Ports = service.Ports,
                    }),
            ];
            space.Spec.PeerNetworks =
            [
                .. peers.Select((cidr, i) => new PeerNetwork { Name = $"peer{i}", Cidrs = [cidr] }),
            ];
            space.Spec.Egress = new() { Rules = [.. rules] };
        }

        return space;
    }

    private static V1LabelSelector Matching(string key, string value) =>
        new() { MatchLabels = new Dictionary<string, string> { [key] = value } };
}
