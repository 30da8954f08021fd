using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>What the informer assumes of lists and watches.</summary>
public abstract class InformerServerTests(IServerUnderTest server)
{
    private static readonly ResourceKind ConfigMaps = ServerFixture.ConfigMaps;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_and_events_make_up_the_collection()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(fixture, $"listed-{i}");
        }

        var (informer, changes) = await fixture.InformAsync(ConfigMaps, new InformerTiming { PageSize = 2 });
        Assert.Equal(6, informer.Store.List().Count(m => m.Key.Name != "kube-root-ca.crt")); // five and the owner
        await CreateAsync(fixture, "watched");
        await fixture.Transport.PatchAsync(
            ConfigMaps,
            new ObjectKey(fixture.Namespace, "listed-3"),
            PatchFormat.Merge,
            JsonNode.Parse("""{"data":{"x":"y"}}""")!,
            new WriteQuery(),
            Cancelled);
        await fixture.Transport.DeleteAsync(
            ConfigMaps, new ObjectKey(fixture.Namespace, "listed-4"), new DeleteQuery(), Cancelled);
        ObjectChange<LiveObject> change;
        do
        {
            change = await changes.ReadAsync(Cancelled);
        }
        while (change is not { Key.Name: "listed-4", New: null });

        Assert.NotNull(informer.Store.Get(new ObjectKey(fixture.Namespace, "watched")));
        Assert.Equal("y", informer.Store.Get(
            new ObjectKey(fixture.Namespace, "listed-3"))!.ReadContent()["data"]!["x"]!.GetValue<string>());
        Assert.Null(informer.Store.Get(new ObjectKey(fixture.Namespace, "listed-4")));
    }

    [Fact]
    public async Task Watch_that_the_server_ends_by_its_timeout_goes_on_without_a_list()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        var (informer, _) = await fixture.InformAsync(
            ConfigMaps, new InformerTiming { WatchTimeout = TimeSpan.FromSeconds(1), ShortestWatch = TimeSpan.Zero });
        while (fixture.Counted.Watches < 3)
        {
            await CreateAsync(fixture, $"x{Guid.NewGuid():n}");
            await Task.Delay(50, Cancelled);
        }

        var name = $"last{Guid.NewGuid():n}";
        await CreateAsync(fixture, name);
        while (informer.Store.Get(new ObjectKey(fixture.Namespace, name)) is null)
        {
            await Task.Delay(10, Cancelled);
        }

        Assert.Equal(1, fixture.Counted.Lists);
    }

    [Fact]
    public async Task Watch_from_an_invalid_version_is_refused_and_does_not_hang()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        await Assert.ThrowsAsync<ApiException>(async () =>
        {
            await foreach (var _ in fixture.Transport.WatchAsync(
                ConfigMaps,
                new WatchQuery { Namespace = fixture.Namespace, ResourceVersion = "not-a-version" },
                Cancelled))
            {
                // Nothing comes.
            }
        });
    }

    [Fact]
    public async Task Watch_has_a_connection_of_its_own_and_a_timeout_keeps_others_off_the_shared_one_for_a_while()
    {
        await using var fixture = await ServerFixture.StartAsync(server);
        var clock = new FakeTimeProvider();
        var sender = new ApiSender(fixture.Client, new ApiTransportOptions(), clock);
        var watch = new ApiCall(
            HttpMethod.Get,
            "watch",
            ConfigMaps,
            $"{ConfigMaps.CollectionPath(fixture.Namespace)}?watch=true&timeoutSeconds=1");
        var get = new ApiCall(HttpMethod.Get, "get", ConfigMaps, ConfigMaps.ObjectPath(fixture.Owner.Key));
        Assert.Equal(HttpVersion.Version11, await VersionAsync(watch));
        Assert.Equal(HttpVersion.Version20, await VersionAsync(get));

        var hanging = sender.SendAsync(
            get,
            async (_, token) =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                await Task.Delay(Timeout.Infinite, token);
                return true;
            },
            Cancelled);
        await Assert.ThrowsAsync<TimeoutException>(() => hanging);
        Assert.Equal(HttpVersion.Version11, await VersionAsync(get));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpVersion.Version20, await VersionAsync(get));

        async Task<Version> VersionAsync(ApiCall call)
        {
            using var response = await sender.OpenAsync(call, Cancelled);
            return response.Version;
        }
    }

    private static Task<JsonObject> CreateAsync(ServerFixture fixture, string name) =>
        fixture.Transport.CreateAsync(ConfigMaps, fixture.Object(name), new WriteQuery(), Cancelled);
}
