using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Gateways;

/// <summary>
/// What each provider and implementation is given, as a folder of files. An empty file is a route that is withheld.
/// </summary>
public sealed class RouteGoldenTests
{
    private static readonly string[] Trusted = ["198.51.100.7/24", "2001:db8:100::/48"];

    public static TheoryData<RouterProvider, RouterImplementation> Combinations
    {
        get
        {
            var data = new TheoryData<RouterProvider, RouterImplementation>();
            foreach (var (provider, implementation) in ProviderSample.Combinations)
            {
                data.Add(provider, implementation);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void A_common_space(RouterProvider provider, RouterImplementation implementation) =>
        Verify(provider, implementation, "common", ProviderSample.Space(SpaceRuntime.Common), ProviderSample.App());

    [Theory]
    [MemberData(nameof(Combinations))]
    public void A_private_space_with_ranges(RouterProvider provider, RouterImplementation implementation) =>
        Verify(
            provider,
            implementation,
            "private",
            ProviderSample.Space(SpaceRuntime.Private, Trusted),
            ProviderSample.App());

    [Theory]
    [MemberData(nameof(Combinations))]
    public void A_private_space_that_trusts_nobody(RouterProvider provider, RouterImplementation implementation) =>
        Verify(
            provider,
            implementation,
            "private-nobody",
            ProviderSample.Space(SpaceRuntime.Private),
            ProviderSample.App());

    [Theory]
    [MemberData(nameof(Combinations))]
    public void An_app_with_internal_routing(RouterProvider provider, RouterImplementation implementation) =>
        Verify(
            provider,
            implementation,
            "internal",
            ProviderSample.Space(SpaceRuntime.Private, Trusted),
            ProviderSample.App(spec => spec.InternalRouting = true));

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Certificates_and_redirect(RouterProvider provider, RouterImplementation implementation) => Verify(
        provider,
        implementation,
        "tls",
        ProviderSample.Space(SpaceRuntime.Private, Trusted),
        ProviderSample.App(spec => spec.Tls = new()
        {
            Secrets = [new() { Name = "shop-tls" }],
            IssuerRef = new() { Name = "letsencrypt", Kind = IssuerKind.ClusterIssuer },
            Redirect = true,
        }));

    private static void Verify(
        RouterProvider provider, RouterImplementation implementation, string name, Space space, App app)
    {
        var plan = ProviderSample.Plan(app, space, ProviderSample.Options(provider, implementation));
        Golden.Verify(
            Path.Combine("providers", $"{provider}-{implementation}"), name, ProviderSample.Objects(plan));
    }
}
