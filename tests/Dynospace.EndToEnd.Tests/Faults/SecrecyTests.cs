using System.Text;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>The values of Secrets stay where they are.</summary>
public sealed class SecrecyTests(Platform platform)
{
    [Fact]
    public async Task No_value_of_a_secret_is_logged_shown_or_copied()
    {
        string[] values = [$"first-{Guid.NewGuid():N}", $"second-{Guid.NewGuid():N}"];
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        // All that may go wrong with one, too: it is unknown, it changes, what uses it crashes, it goes away.
        await space.CreateAppAsync(
            "shop",
            platform.Workloads.Exits(1),
            app => app.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }],
            ("worker", 1));
        await space.ConditionAsync(
            Kinds.App, space.In("shop"), ConditionTypes.Accepted, "False", Reasons.SecretNotFound);
        await space.SetSecretAsync("shop-secrets", "TOKEN", values[0]);
        await space.ConditionAsync(Kinds.Dyno, space.In("shop.worker.1"), ConditionTypes.Up, "False", Reasons.Crashed);
        await space.ScaleAsync("shop", ("worker", 2));
        await space.AppReadyAsync("shop");
        await space.SetSecretAsync("shop-secrets", "TOKEN", values[1]);
        await space.UntilAsync(
            "the release with the new value is out",
            state => (long?)state.Find(Kinds.App, space.In("shop"))!.Content["status"]!["release"] == 3 ? state : null);
        await space.AppReadyAsync("shop");
        await space.DeleteAsync(Kinds.Secret, space.In("shop-secrets"));
        await space.ConditionAsync(
            Kinds.App, space.In("shop"), ConditionTypes.Accepted, "False", Reasons.SecretNotFound);
        await space.EventAsync(Kinds.App, space.In("shop"), Reasons.SecretNotFound);

        var written = platform.View.HistoryOf(space.Name)
            .Select(change => change.Object.Content.ToJsonString())
            .ToList();
        // where a value would be, its name is
        Assert.Contains(written, text => text.Contains("shop-secrets", StringComparison.Ordinal));
        foreach (var value in values.SelectMany(
            value => new[] { value, Convert.ToBase64String(Encoding.UTF8.GetBytes(value)) }))
        {
            Assert.DoesNotContain(written, text => text.Contains(value, StringComparison.Ordinal));
            Assert.DoesNotContain(platform.LogLines, line => line.Contains(value, StringComparison.Ordinal));
        }

        Assert.NotEmpty(platform.LogLines);
    }
}
