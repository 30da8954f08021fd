using System.Text.Json.Nodes;
using CsCheck;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Tests.Dynos;

public sealed class PodHardeningTests
{
    /// <summary>All that a tenant's spec may decide about a pod.</summary>
    private static readonly string[] TenantsFields = ["image", "command", "env", "envFrom", "resources"];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[0, 40],
        Gen.OneOf(
            "$(PORT)",
            "$$",
            "\n",
            "hostNetwork: true",
            "\"}],\"securityContext\":{\"privileged\":true}",
            "--privileged",
            "../../etc/passwd",
            "\0"));

    private static readonly Gen<App> HostileApp =
        Gen.Select(
            Text,
            Gen.Dictionary(Text, Text)[0, 5],
            Text.Array[0, 5],
            Text.Array[0, 3],
            Gen.Bool,
            Gen.OneOf(Text, Gen.OneOf(DynoSizes.Eco, DynoSizes.Private2XL)))
            .Select((image, config, command, secrets, isInternal, size) =>
            {
                var app = Sample.App("shop", ("web", 1), ("worker", 1));
                app.Spec.Image = image;
                app.Spec.Config = config;
                app.Spec.InternalRouting = isInternal;
                app.Spec.ConfigFrom =
                [
                    .. secrets.Select(name => new ConfigSource { SecretRef = new() { Name = name } }),
                ];
                app.Spec.ImagePullSecrets = [.. secrets.Select(name => new SecretReference { Name = name })];
                app.Spec.Processes![0].Command = command;
                app.Spec.Processes![0].Size = size;
                app.Spec.Release = new() { Command = command };
                return app;
            });

    [Theory]
    [InlineData("web")]
    [InlineData("worker")]
    [InlineData("run")]
    [InlineData("release")]
    public void A_pod_passes_Pod_Security_restricted(string type)
    {
        var spec = PodOf(Sample.App("shop", ("web", 1)), type).Spec;

        var container = Assert.Single(spec.Containers);
        Assert.Null(spec.InitContainers);
        Assert.Null(spec.EphemeralContainers);
        Assert.Null(spec.Volumes);
        Assert.Null(spec.HostNetwork);
        Assert.Null(spec.HostPID);
        Assert.Null(spec.HostIPC);
        Assert.False(spec.AutomountServiceAccountToken);
        Assert.Null(spec.ServiceAccountName);
        Assert.False(spec.EnableServiceLinks);
        Assert.True(spec.SecurityContext.RunAsNonRoot);
        Assert.Equal(1000, spec.SecurityContext.RunAsUser);
        Assert.Equal("RuntimeDefault", spec.SecurityContext.SeccompProfile.Type);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Null(container.SecurityContext.Capabilities.Add);
        Assert.Null(container.SecurityContext.Privileged);
    }

    [Fact]
    public void Whatever_a_tenant_writes_changes_nothing_but_image_command_environment_and_size() =>
        Gen.Select(HostileApp, Gen.OneOf("web", "worker", "run", "release"), Gen.Enum<SpaceRuntime>())
            .Sample((app, type, runtime) =>
            {
                var plain = Sample.App("shop", ("web", 1), ("worker", 1));
                plain.Spec.InternalRouting = app.Spec.InternalRouting;

                Assert.Equal(Fixed(PodOf(plain, type, runtime)), Fixed(PodOf(app, type, runtime)));
            });

    /// <summary>
    /// Names as the schema admits them, among them those of components, routers and other apps' parts.
    /// </summary>
    private static readonly Gen<string> AnyName = Gen.OneOf(
        Gen.OneOf(
            "a",
            "a-b",
            "web",
            "run",
            "router-public",
            "router-internal",
            "canary",
            "space-dns",
            "dynospace",
            "kube-dns",
            "kubernetes",
            "dyno",
            "none",
            "internal"),
        Gen.Char["abcxyz019-"].Array[1, 18].Select(
            tail => ("s" + new string(tail)).Replace("--", "-x", StringComparison.Ordinal).TrimEnd('-')));

    [Fact]
    public void Whatever_the_schema_admits_a_pod_carries_exactly_the_labels_of_its_own_app_type_and_space() =>
        Gen.Select(AnyName, AnyName, Gen.Enum<SpaceRuntime>(), Gen.Bool, Gen.Int[1, 99999])
            .Sample((name, type, runtime, isInternal, index) =>
            {
                var app = Sample.App(name, (type, 1));
                app.Spec.InternalRouting = isInternal;
                var isWeb = type == ProcessTypes.Web;
                var routing = !isWeb
                    ? "none"
                    : !isInternal ? "public" : runtime == SpaceRuntime.Common ? "none" : "internal";

                var labels = PodOf(app, Sample.Dyno(app, type, index), runtime).Metadata.Labels;

                Assert.Equal(
                    new SortedDictionary<string, string>(StringComparer.Ordinal)
                    {
                        [Labels.Space] = "acme",
                        [Labels.App] = name,
                        [Labels.ProcessType] = type,
                        [Labels.Dyno] = $"{name}.{type}.{index}",
                        [Labels.Release] = "1",
                        [Labels.Routing] = routing,
                        [Labels.Name] = name,
                        [Labels.ComponentName] = type,
                        [Labels.PartOf] = "acme",
                        [Labels.ManagedBy] = Labels.ManagedByValue,
                    },
                    new SortedDictionary<string, string>(labels.ToDictionary(), StringComparer.Ordinal));
            });

    /// <summary>
    /// App <c>a</c> with type <c>b-c</c> and App <c>a-b</c> with type <c>c</c> share the stem of their pods' names and
    /// nothing else.
    /// </summary>
    [Fact]
    public void Apps_whose_names_run_together_share_no_object()
    {
        var (one, other) = (Sample.App("a", ("b-c", 1)), Sample.App("a-b", ("c", 1)));
        var plans = new[] { one, other }.Select(app => AppPlanner.Plan(Sample.Observed(app), Sample.Options)).ToList();
        string[] pods = [PodOf(one, "b-c").Metadata.Name, PodOf(other, "c").Metadata.Name];

        Assert.All(pods, pod => Assert.StartsWith("a-b-c-1-", pod, StringComparison.Ordinal));
        Assert.NotEqual(pods[0], pods[1]);
        Assert.Empty(
            plans[0].Services.Select(service => service.Metadata.Name)
                .Intersect(plans[1].Services.Select(service => service.Metadata.Name)));
        Assert.Empty(
            plans[0].Dynos.Select(dyno => dyno.Metadata.Name)
                .Intersect(plans[1].Dynos.Select(dyno => dyno.Metadata.Name)));
        Assert.NotEqual(plans[0].Release!.Metadata.Name, plans[1].Release!.Metadata.Name);
    }

    /// <summary>
    /// A user who may create Dynos can name any owner; then the Dyno is the formation's and runs what the release says.
    /// </summary>
    [Fact]
    public void A_dyno_made_by_hand_that_claims_to_be_an_apps_runs_that_apps_release_and_nothing_of_its_own()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.Processes![0].Command = ["bin/web"];
        var made = Sample.Dyno(app, "web", 1);
        made.Spec.Command = ["bin/miner"];
        var claimsOther = Sample.Dyno(Sample.App("blog", ("web", 1)), "web", 2);
        claimsOther.Metadata.Name = "shop.web.2";
        claimsOther.Spec.App = "shop";

        Assert.Equal(["bin/web"], PodOf(app, made, SpaceRuntime.Common).Spec.Containers[0].Command);
        var refused = DynoPlanner.Plan(Sample.Observed(claimsOther, app), Sample.Options);
        Assert.Null(refused.Pod);
        Assert.Equal(Reasons.NotOneOff, refused.Problem?.Reason);
    }

    [Fact]
    public void Labels_and_annotations_of_an_App_or_Dyno_do_not_reach_the_pod()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Metadata.Labels = new Dictionary<string, string>
        {
            [Labels.Space] = "rival",
            [Labels.Component] = ComponentValues.RouterPublic,
        };
        var dyno = Sample.Dyno(app, "web", 1);
        dyno.Metadata.Labels = new Dictionary<string, string>
        {
            [Labels.Space] = "rival",
            [Labels.Component] = ComponentValues.RouterInternal,
            [Labels.Routing] = "internal",
        };
        dyno.Metadata.Annotations = new Dictionary<string, string>
        {
            ["container.apparmor.security.beta.kubernetes.io/dyno"] = "unconfined",
        };

        var pod = PodOf(app, dyno, SpaceRuntime.Common);

        Assert.Equal("acme", pod.Metadata.Labels[Labels.Space]);
        Assert.Equal("public", pod.Metadata.Labels[Labels.Routing]);
        Assert.DoesNotContain(Labels.Component, pod.Metadata.Labels.Keys);
        Assert.Equal([Annotations.TemplateHash, Annotations.SafeToEvict], pod.Metadata.Annotations.Keys);
    }

    [Fact]
    public void A_formation_dyno_runs_the_releases_command_whatever_its_own_spec_says()
    {
        var app = Sample.App("shop", ("web", 1));
        var dyno = Sample.Dyno(app, "web", 1);
        dyno.Spec.Command = ["bin/miner"];

        Assert.Null(PodOf(app, dyno, SpaceRuntime.Common).Spec.Containers[0].Command);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("worker", false)]
    [InlineData("run", false)]
    [InlineData("release", false)]
    public void Only_web_gets_a_port_and_probes(string type, bool hasPort)
    {
        var container = PodOf(Sample.App("shop", ("web", 1)), type).Spec.Containers[0];

        Assert.Equal(hasPort, container.Env.Any(variable => variable.Name == "PORT"));
        Assert.Equal(hasPort, container.ReadinessProbe is not null);
        Assert.Equal(hasPort, container.StartupProbe is not null);
        Assert.Equal(hasPort, container.Ports is not null);
        Assert.Equal($"{type}.1", container.Env.Single(variable => variable.Name == "DYNO").Value);
    }

    [Fact]
    public void Config_vars_mean_what_they_say()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.Config = new Dictionary<string, string>
        {
            ["A"] = "$(DYNO) costs 5$$",
            ["PORT"] = "1",
            ["DYNO"] = "x",
        };

        var env = PodOf(app, "web").Spec.Containers[0].Env;

        Assert.Equal("$$(DYNO) costs 5$$$$", env.Single(variable => variable.Name == "A").Value);
        Assert.Equal("5000", env.Single(variable => variable.Name == "PORT").Value);
        Assert.Equal("web.1", env.Single(variable => variable.Name == "DYNO").Value);
    }

    [Fact]
    public void A_dyno_stays_on_nodes_of_its_region()
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Sample.Observed(Sample.Dyno(app, "web", 1), app);

        Assert.Equal("oregon", Selector(Sample.Options)?["topology.kubernetes.io/region"]);
        Assert.Equal(
            "us-west-2",
            Selector(
                Sample.Options with
                {
                    Regions = new() { Values = new Dictionary<string, string> { ["oregon"] = "us-west-2" } },
                })?["topology.kubernetes.io/region"]);
        Assert.Null(Selector(Sample.Options with { Regions = new() { IsRequired = false } }));

        IDictionary<string, string>? Selector(PlatformOptions options) =>
            DynoPlanner.Plan(observed, options).Pod!.Spec.NodeSelector;
    }

    [Fact]
    public void A_release_phase_ends_at_its_limit_and_nothing_else_does()
    {
        var app = Sample.App("shop", ("web", 1));

        Assert.Equal(3600, PodOf(app, "release").Spec.ActiveDeadlineSeconds);
        Assert.Null(PodOf(app, "web").Spec.ActiveDeadlineSeconds);
    }

    private static V1Pod PodOf(App app, string type, SpaceRuntime runtime = SpaceRuntime.Common) =>
        PodOf(app, Sample.Dyno(app, type, 1), runtime);

    private static V1Pod PodOf(App app, Dyno dyno, SpaceRuntime runtime)
    {
        var secrets = (app.Spec.ConfigFrom ?? []).Select(source => source.SecretRef.Name)
            .Distinct()
            .ToDictionary(name => name, name => new SecretDigest(name, "h"));
        var release = ReleaseRecord.FromSpec(app.Spec, secrets) with { Number = 1 };
        return DynoPlanner.Plan(
            new() { Dyno = dyno, App = app, Space = Sample.ReadySpace(runtime), Releases = [release] },
            Sample.Options).Pod!;
    }

    /// <summary>The pod without what a tenant may decide and without what follows from it by hashing.</summary>
    private static string Fixed(V1Pod pod)
    {
        var json = JsonNode.Parse(KubernetesJson.Serialize(pod))!.AsObject();
        json["metadata"]!.AsObject().Remove("name");
        json["metadata"]!.AsObject().Remove("annotations");
        json["spec"]!.AsObject().Remove("imagePullSecrets");
        foreach (var field in TenantsFields)
        {
            json["spec"]!["containers"]![0]!.AsObject().Remove(field);
        }

        return json.ToJsonString();
    }
}
