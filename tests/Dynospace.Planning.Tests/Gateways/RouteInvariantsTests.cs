using System.Net;
using CsCheck;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Gateways;

public sealed class RouteInvariantsTests
{
    /// <summary>Sound ranges, and what no schema would let through: plans do not rely on it.</summary>
    private static readonly Gen<string> Range = Gen.OneOf(
        Gen.Select(Gen.UInt, Gen.Int[0, 32]).Select((bits, prefix) => $"{new IPAddress(bits)}/{prefix}"),
        Gen.Select(Gen.Byte.Array[16], Gen.Int[0, 128]).Select((bytes, prefix) => $"{new IPAddress(bytes)}/{prefix}"),
        OneOf("0.0.0.0/0", "::/0", "10.0.0.0/8;}", "10.0.0.0/8\nallow all", "all", "", "10.0.0.0/8,0.0.0.0/0"));

    private static readonly Gen<string> Domain = Gen.OneOf(
        Gen.Int[0, 99].Select(i => $"shop{i}.example.com"),
        OneOf(
            "shop.example.com",
            "shop.example.com;",
            "a b.example.com",
            "*.example.com",
            "shop.example.com\n",
            "x\".example.com",
            "EXAMPLE.com"));

    private static readonly Gen<(Space Space, App App)> Subject = Gen.Select(
        OneOf(SpaceRuntime.Common, SpaceRuntime.Private, SpaceRuntime.Shield),
        Range.Array[0, 20],
        Range.Array[0, 4],
        Domain.HashSet[0, 64],
        Gen.Bool,
        Gen.Bool).Select((runtime, trusted, peers, domains, isInternal, redirects) =>
        {
            var space = ProviderSample.Space(runtime, trusted);
            space.Spec.PeerNetworks = runtime == SpaceRuntime.Common ? null : [new() { Name = "hq", Cidrs = peers }];
            var app =
                ProviderSample.App(
                    spec =>
                        (spec.Domains, spec.InternalRouting, spec.Tls) = ([.. domains], isInternal
                            && runtime != SpaceRuntime.Common, new() { Redirect = redirects }));
            return (space, app);
        });

    [Fact]
    public void No_route_admits_more_than_its_space_trusts() => Subject.Sample(subject =>
    {
        foreach (var (provider, implementation) in ProviderSample.Combinations)
        {
            var options = ProviderSample.Options(provider, implementation);
            var plan = ProviderSample.Plan(subject.App, subject.Space, options);
            var trusted = subject.App.Spec.InternalRouting
                ? PeersOf(subject.Space)
                : TrustedRanges.FromSpace(subject.Space);
            foreach (var route in plan.Routes)
            {
                AssertAdmits(trusted, new Admission(plan, options.Router).Of(route));
            }
        }
    });

    [Fact]
    public void What_cannot_be_installed_or_expressed_has_no_route_at_all() =>
        Gen.Select(Subject, Gen.Bool.Array[GatewayCatalog.Kinds.Count]).Sample((subject, installed) =>
        {
            var served = GatewayCatalog.Kinds.Where((_, i) => installed[i]).ToHashSet();
            foreach (var (provider, implementation) in ProviderSample.Combinations)
            {
                var options = ProviderSample.Options(provider, implementation);
                var plan = ProviderSample.Plan(subject.App, subject.Space, options, new() { Served = served });
                Assert.All(ProviderSample.Objects(plan), part => Assert.Contains(part.Type, served));
                Assert.All(plan.Routes, route => AssertAdmits(
                    subject.App.Spec.InternalRouting
                        ? PeersOf(subject.Space)
                        : TrustedRanges.FromSpace(subject.Space),
                    new Admission(plan, options.Router).Of(route)));
            }
        });

    [Fact]
    public void An_app_with_internal_routing_is_attached_to_the_internal_gateway_alone() => Subject.Sample(subject =>
    {
        foreach (var (provider, implementation) in ProviderSample.Combinations)
        {
            var plan = ProviderSample.Plan(
                subject.App, subject.Space, ProviderSample.Options(provider, implementation));
            var expected = subject.App.Spec.InternalRouting ? "internal" : "public";
            Assert.All(plan.Routes, route => Assert.Equal(
                expected,
                provider == RouterProvider.Ingress
                    ? (string)route.Spec["ingressClassName"]!
                    : (string)route.Spec["parentRefs"]![0]!["name"]!));
        }
    });

    [Fact]
    public void What_is_not_a_host_name_is_in_no_object() => Subject.Sample(subject =>
    {
        foreach (var (provider, implementation) in ProviderSample.Combinations)
        {
            var plan = ProviderSample.Plan(
                subject.App, subject.Space, ProviderSample.Options(provider, implementation));
            Assert.All(plan.Routes.SelectMany(Hosts), host => Assert.Matches("^[a-z0-9.-]+\\z", host));
            Assert.All(
                plan.Routes,
                route => Assert.InRange(Hosts(route).Count(), 1, provider == RouterProvider.GatewayAPI ? 16 : 65));
        }
    });

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static IEnumerable<string> Hosts(ProviderObject route) => route.Type == ProviderKinds.Ingress
        ? route.Spec["rules"]!.AsArray().Select(rule => (string)rule!["host"]!)
        : route.Spec["hostnames"]!.AsArray().Select(host => (string)host!);

    private static TrustedRanges PeersOf(Space space) =>
        SpaceFacts.FromSpace(space, ClusterFacts.Unknown, Sample.Options).Peers;

    private static void AssertAdmits(TrustedRanges trusted, IReadOnlyList<string>? admitted)
    {
        if (!trusted.IsEverybody)
        {
            Assert.NotNull(admitted);
            // That range may also be among those that a space trusts; no client has its address, so it admits nobody
            // there, too.
            Assert.Equal(
                trusted.Ranges.Select(Canonical)
                    .Where(range => range != Admission.Nobody)
                    .Distinct()
                    .Order(StringComparer.Ordinal),
                admitted.Select(Canonical).Order(StringComparer.Ordinal));
        }
    }

    /// <summary>The first address of a range and its length, apart from the product's own arithmetic.</summary>
    private static string Canonical(string range)
    {
        var parts = range.Split('/');
        var (bytes, prefix) = (IPAddress.Parse(parts[0]).GetAddressBytes(), parts.Length > 1
            ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)
            : -1);
        prefix = prefix < 0 ? bytes.Length * 8 : prefix;
        for (var bit = prefix; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return $"{new IPAddress(bytes)}/{prefix}";
    }
}
