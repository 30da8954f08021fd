using System.Text;
using Xunit;

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>Verbs that change an App, and what they do where another tool keeps it.</summary>
public sealed class ChangeVerbsTests(LivePlatform platform)
{
    [Fact]
    public async Task Scaling_changes_numbers_and_sizes_and_makes_no_release()
    {
        using var session = await platform.StartAsync();

        await session.RunAsync("scale -a shop web=3 worker=0");
        await session.AppAsync("shop", app => app.Status?.Formation == "web=3 worker=0" && app.Status.Dynos == "3/3");
        await session.RunAsync("scale -a shop web=2:standard-2x");
        var app = await session.AppAsync("shop", app => app.Spec.Processes![0].Size == "Standard-2X");

        Assert.Equal(1, app.Status!.Release);
        Assert.Matches(@"(?m)^web\s+2\s+Standard-2X", await session.RunAsync("scale -a shop"));
        Assert.Contains(
            "write TYPE=QUANTITY", await session.FailAsync("scale -a shop web=many"), StringComparison.Ordinal);
        Assert.Contains(
            "no size \"Huge\"", await session.FailAsync("scale -a shop web=1:Huge"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_vars_are_set_shown_and_removed_as_releases()
    {
        using var session = await platform.StartAsync();

        await session.RunAsync("config set -a shop FEATURE=on URL=a=b");
        await session.ReadyAsync("shop", 2);
        Assert.Equal("FEATURE=on\nLOG_LEVEL=info\nURL=a=b\n", await session.RunAsync("config -a shop"));
        Assert.Equal("a=b\n", await session.RunAsync("config get -a shop URL"));

        await session.RunAsync("config unset -a shop FEATURE URL");
        await session.ReadyAsync("shop", 3);
        Assert.Equal("LOG_LEVEL=info\n", await session.RunAsync("config -a shop"));
        Assert.Contains(
            "no config var \"LOG_LEVL\"; there is: LOG_LEVEL",
            await session.FailAsync("config get -a shop LOG_LEVL"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_config_vars_are_kept_in_a_Secret()
    {
        using var session = await platform.StartAsync();
        var environment = session.Environment.Cli with
        {
            In = () => new MemoryStream(Encoding.UTF8.GetBytes("s3cret\n")),
        };

        Assert.Equal(0, await DynospaceCommandLine.RunAsync(
            [
                "config", "set", "-a", "shop", "--secret", "API_KEY",
                "--kubeconfig", platform.Kubeconfig, "-s", session.Space,
            ],
            environment,
            TestContext.Current.CancellationToken));
        var app = await session.ReadyAsync("shop", 2);

        Assert.Equal(["shop-config"], app.Spec.ConfigFrom!.Select(source => source.SecretRef.Name));
        Assert.Equal("s3cret\n", await session.RunAsync("config get -a shop API_KEY"));
        Assert.DoesNotContain("s3cret", await session.RunAsync("config -a shop"), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", await session.RunAsync("releases -a shop -o json"), StringComparison.Ordinal);
        await session.RunAsync("config unset -a shop API_KEY");
        await session.ReadyAsync("shop", 3);
        Assert.Matches(@"(?m)^v3\s.*values of Secret shop-config", await session.RunAsync("releases -a shop"));
    }

    [Fact]
    public async Task A_day_of_releases()
    {
        using var session = await platform.StartAsync();
        await session.RunAsync("config set -a shop LOG_LEVEL=debug");
        await session.ReadyAsync("shop", 2);

        await session.RunAsync("rollback -a shop");
        var rolledBack = await session.ReadyAsync("shop", 3);
        Assert.Equal(1, rolledBack.Spec.RollbackTo);
        var dyno = await session.DynoAsync("shop.web.1", found => found.Status?.Release == 3);
        Assert.NotNull(dyno.Status!.Since);
        await session.RunAsync("config set -a shop LOG_LEVEL=trace");
        await session.ReadyAsync("shop", 4);
        await session.RunAsync("rollback -a shop v1");
        await session.ReadyAsync("shop", 5);

        var lines = (await session.RunAsync("releases -a shop")).Split('\n');
        Assert.Matches(@"^v5\s+\d+s\s+current\s+rollback to v3\s+dynospace-cli\s+dynospace rollback v1$", lines[1]);
        Assert.Matches(
            @"^v4\s+\d+s\s+replaced\s+config LOG_LEVEL\s+dynospace-cli\s+dynospace config set LOG_LEVEL$", lines[2]);
        Assert.Matches(@"^v3\s+\d+s\s+replaced\s+rollback to v1\s", lines[3]);
        Assert.Matches(@"^v1\s+\d+s\s+replaced\s+first release\s+kubectl\s+-$", lines[5]);
    }

    [Fact]
    public async Task A_restart_replaces_pods_without_a_release()
    {
        using var session = await platform.StartAsync();
        var before = await session.DynoAsync("shop.web.1", dyno => dyno.Status?.Pod is not null);
        var worker = await session.DynoAsync("shop.worker.1", dyno => dyno.Status?.Pod is not null);

        await session.RunAsync("restart -a shop -p web");

        await session.DynoAsync("shop.web.1", dyno => dyno.Status?.Pod != before.Status!.Pod
            && dyno.Status?.State == Api.Dynos.DynoState.Up);
        var untouched = await session.DynoAsync("shop.worker.1", _ => true);
        Assert.Equal(worker.Status!.Pod, untouched.Status!.Pod);
        Assert.Equal(1, (await session.ReadyAsync("shop")).Status!.Release);
    }

    [Fact]
    public async Task Domains_and_maintenance_are_changed()
    {
        using var session = await platform.StartAsync();

        await session.RunAsync($"domains add -a shop {session.Space}.example.com");
        await session.AppAsync("shop", app => app.Status?.Hosts?.Contains($"{session.Space}.example.com") == true);
        Assert.Matches(@$"(?m)^{session.Space}\.example\.com\s+custom\s+", await session.RunAsync("domains -a shop"));
        Assert.Equal(
            $"http://{session.Space}.example.com/health\n", await session.RunAsync("open -a shop /health --print"));
        await session.RunAsync($"domains remove -a shop {session.Space}.example.com");

        await session.RunAsync("maintenance on -a shop");
        Assert.Equal("on\n", await session.RunAsync("maintenance -a shop"));
        await session.RunAsync("maintenance off -a shop");
        Assert.Equal("off\n", await session.RunAsync("maintenance -a shop"));
    }

    [Theory]
    [InlineData("kustomize-controller", "Flux (kustomize-controller)")]
    [InlineData("argocd-controller", "Argo CD (argocd-controller)")]
    [InlineData("our-deployer", "our-deployer")]
    public async Task What_GitOps_keeps_is_not_changed_and_the_patch_is_printed(string manager, string named)
    {
        using var session = await platform.StartAsync();
        await session.ApplyAppAsync("blog", manager: manager);
        await session.ReadyAsync("blog");

        var (code, output, error) = await session.TryAsync("scale", "-a", "blog", "web=3");

        Assert.Equal(1, code);
        Assert.Contains($"app blog is kept by {named}", error, StringComparison.Ordinal);
        Assert.Equal(
            $"""
            apiVersion: dynospace.dev/v1alpha1
            kind: App
            metadata:
              name: blog
              namespace: {session.Space}
            spec:
              processes:
                - type: web
                  quantity: 3

            """,
            output);
        Assert.Equal(1, (await session.AppAsync("blog", _ => true)).Spec.Processes![0].Quantity);
        Assert.Equal(1, (await session.TryAsync("config", "set", "-a", "blog", "A=1")).Code);
        Assert.Equal(1, (await session.TryAsync("rollback", "-a", "blog", "v1")).Code);
        Assert.Equal(1, (await session.TryAsync("maintenance", "on", "-a", "blog")).Code);
        await session.RunAsync("restart -a blog");
    }

    [Fact]
    public async Task A_dry_run_prints_the_patch_and_changes_nothing()
    {
        using var session = await platform.StartAsync();

        var patch = await session.RunAsync("config unset -a shop LOG_LEVEL --dry-run client -o yaml");

        Assert.Contains("LOG_LEVEL: null", patch, StringComparison.Ordinal);
        Assert.Equal("LOG_LEVEL=info\n", await session.RunAsync("config -a shop"));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_in_a_Secret_and_changes_nothing()
    {
        using var session = await platform.StartAsync();
        await session.RunAsync("config set -a shop --secret API_KEY=first");
        await session.ReadyAsync("shop", 2);

        await session.RunAsync("config set -a shop --secret API_KEY=second --dry-run client");
        Assert.Equal("would set API_KEY in Secret shop-config\n", session.Error);
        await session.RunAsync("config unset -a shop API_KEY --dry-run client");
        Assert.Equal("would remove API_KEY from Secret shop-config\n", session.Error);

        Assert.Equal("first\n", await session.RunAsync("config get -a shop API_KEY"));
    }
}
