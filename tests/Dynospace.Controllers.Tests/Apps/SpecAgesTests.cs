using Dynospace.Api.Apps;
using Dynospace.Controllers.Apps;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynospace.Controllers.Tests.Apps;

/// <summary>Since when a spec asks for the release that it asks for.</summary>
public sealed class SpecAgesTests
{
    public static TheoryData<string, Action<App>, bool> Changes => new()
    {
        { "the image", app => app.Spec.Image = "registry.example/shop:43", true },
        { "a config var", app => app.Spec.Config = new Dictionary<string, string> { ["A"] = "2" }, true },
        { "a command", app => app.Spec.Processes![0].Command = ["bin/other"], true },
        { "another App of the name", app => app.Metadata.Uid = "other", true },
        { "the number of web dynos", app => app.Spec.Replicas = 7, false },
        { "a quantity", app => app.Spec.Processes![0].Quantity = 3, false },
        { "the domains", app => app.Spec.Domains = ["shop.example.com"], false },
        { "nothing", _ => { }, false },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Only_what_makes_a_release_counts(string what, Action<App> change, bool isNew)
    {
        var clock = new FakeTimeProvider();
        var ages = new SpecAges(clock);
        var first = ages.SinceOf(Given(1));
        clock.Advance(TimeSpan.FromSeconds(3));
        var changed = Given(2);
        change(changed);

        var since = ages.SinceOf(changed);

        Assert.True((since != first) == isNew, what);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(since, ages.SinceOf(changed));
    }

    private static App Given(long generation) => new()
    {
        Metadata = new() { Name = "shop", NamespaceProperty = "acme", Uid = "u", Generation = generation },
        Spec = new()
        {
            Image = "registry.example/shop:42",
            ConfigFrom = [new() { SecretRef = new() { Name = "s" } }, new() { SecretRef = new() { Name = "s" } }],
            Processes = [new() { Type = "web", Quantity = 2 }],
        },
    };
}
