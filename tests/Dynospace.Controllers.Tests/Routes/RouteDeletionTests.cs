using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Routes;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;
using Xunit;

namespace Dynospace.Controllers.Tests.Routes;

/// <summary>
/// A route never stands without what restricts it to trusted ranges: routes go first, and if one cannot be deleted, its
/// restriction stays.
/// </summary>
public sealed class RouteDeletionTests
{
    private readonly ReconcileWorld _world = new()
    {
        Options = new()
        {
            Router = new()
            {
                Provider = RouterProvider.GatewayAPI,
                Implementation = RouterImplementation.EnvoyGateway,
                BaseDomain = "apps.example",
                PublicGateway = new() { Gateway = "gateways/public" },
            },
        },
    };

    public static TheoryData<string> Ways => ["no longer wanted", "of an app that is gone", "of earlier options"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Routes_are_deleted_before_what_restricts_them(string way)
    {
        await RouteAsync();

        await EndAsync(way);

        Assert.Equal(["delete HTTPRoute", "delete SecurityPolicy"], Deletions());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_restricts_a_route_that_cannot_be_deleted_stays(string way)
    {
        await RouteAsync();
        _world.Api.RefuseWrites("delete HTTPRoute");

        await Assert.ThrowsAsync<RetryableReconcileException>(() => EndAsync(way));

        Assert.Equal(["delete HTTPRoute"], Deletions());
        _world.Api.RefuseNothing().Forget();

        await EndAsync(way);

        Assert.Equal(["delete HTTPRoute", "delete SecurityPolicy"], Deletions());
    }

    /// <summary>An app whose space trusts one range, with its route.</summary>
    private async Task RouteAsync()
    {
        _world.Put(new Space
        {
            Metadata = new() { Name = ReconcileWorld.Space, Generation = 1 },
            Spec = new()
            {
                Runtime = SpaceRuntime.Private,
                Region = "oregon",
                TrustedIPRanges = ["198.51.100.0/24"],
            },
        });
        _world.Put(ReconcileWorld.App("shop", ("web", 1)));
        await _world.ReconcileAppAsync();
        Assert.Equal(
            ["SecurityPolicy", "HTTPRoute"],
            _world.Api.Details.Select(write => write.Reference.Kind.Kind)
                .Where(kind => kind is "SecurityPolicy" or "HTTPRoute"));
        _world.Api.Forget();
    }

    private async Task EndAsync(string way)
    {
        var token = TestContext.Current.CancellationToken;
        if (way == "of earlier options")
        {
            await new RouteLeftovers(_world.Api.Applier, _world.Api.Transport, new()).ReconcileAsync(
                RouteLeftovers.Key, token);
            return;
        }

        if (way == "of an app that is gone")
        {
            var app = new ObjectKey(ReconcileWorld.Space, "shop");
            if (_world.Api.Live(ResourceKind.For<App>(), app) is not null)
            {
                await _world.Api.Transport.DeleteAsync(ResourceKind.For<App>(), app, new DeleteQuery(), token);
            }
        }
        else
        {
            var app = await _world.GetAsync<App>("shop");
            app.Spec.Maintenance = true;
            _world.Put(app);
        }

        await _world.ReconcileAppAsync();
    }

    private IEnumerable<string> Deletions() =>
        _world.Api.Details.Where(write => write.Verb == "delete" && write.Reference.Kind.Kind != "App")
            .Select(write => $"{write.Verb} {write.Reference.Kind.Kind}");
}
