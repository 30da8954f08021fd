using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// The recorder of a run that takes input in a Shield space. An init container installs the program. A sidecar keeps
/// the record in its own log, to which the dyno's process cannot write. The dyno's container runs the program, which
/// runs the process, and starts nothing without the sidecar.
/// </summary>
internal static class RunRecorder
{
    private const string Volume = "recorder";
    private const string Folder = "/.dynospace";
    private const string Program = Folder + "/recorder";
    private const string Socket = Folder + "/record";

    /// <summary>Whether a dyno's input is recorded.</summary>
    public static bool Records(Dyno dyno, SpaceFacts space) =>
        space.Runtime == SpaceRuntime.Shield && dyno.Spec is { ProcessType: ProcessTypes.Run, Stdin: true };

    /// <summary>Why a run that must be recorded cannot be; null if it can be, or need not be.</summary>
    public static Problem? Refusal(Dyno dyno, SpaceFacts space, PlatformOptions options)
    {
        if (!Records(dyno, space))
        {
            return null;
        }

        const string Without =
            ", or leave spec.stdin out (dynospace run --no-input) for a run that takes no input.";
        return options.Dynos.RecorderImage is null
            ? new(
                Reasons.RecorderMissing,
                $"spec.stdin is true, Space {space.Name} is a Shield space, where input is recorded, and the "
                + "operator's option recorderImage names no recorder: ask the platform team to set it" + Without)
            : dyno.Spec.Command is not { Count: > 0 }
                ? new(
                    Reasons.CommandRequired,
                    $"spec.stdin is true and Space {space.Name} is a Shield space, where the recorder runs the process "
                    + "and cannot know the image's own command: give spec.command" + Without)
                : null;
    }

    /// <summary>The init container that installs the program, and the sidecar that keeps the record.</summary>
    public static IEnumerable<V1Container> Containers(PodTemplate template, PlatformOptions options) =>
        Records(template.Dyno, template.Space)
            ?
            [
                Container(ContainerNames.RecorderSetup, ["install", Program], options),
                Keeper(options),
            ]
            : [];

    /// <summary>The command that runs the process under the recorder, or the command itself.</summary>
    public static IReadOnlyList<string> Command(PodTemplate template) =>
        Records(template.Dyno, template.Space)
            ? [Program, "record", "--socket", Socket, "--", .. template.Command]
            : template.Command;

    /// <summary>The volume that the containers share; null for none.</summary>
    public static IList<V1Volume>? Volumes(PodTemplate template) =>
        Records(template.Dyno, template.Space)
            ? [new() { Name = Volume, EmptyDir = new() { SizeLimit = new("16Mi") } }]
            : null;

    /// <summary>The dyno's read-only mount of that volume; null for none.</summary>
    public static IList<V1VolumeMount>? Mounts(PodTemplate template) =>
        Records(template.Dyno, template.Space)
            ? [new() { Name = Volume, MountPath = Folder, ReadOnlyProperty = true }]
            : null;

    private static V1Container Keeper(PlatformOptions options)
    {
        var keeper = Container(ContainerNames.Recorder, ["keep", "--socket", Socket], options);
        // A sidecar: it starts before the dyno and is ended after it.
        keeper.RestartPolicy = "Always";
        return keeper;
    }

    private static V1Container Container(string name, IList<string> arguments, PlatformOptions options)
    {
        var container = PlatformContainer.Build(
            name, options.Dynos.RecorderImage, arguments, requests: ("5m", "8Mi"), limits: ("100m", "32Mi"));
        container.VolumeMounts = [new() { Name = Volume, MountPath = Folder }];
        // The files that the dyno can only read belong to its user and group.
        container.SecurityContext.RunAsGroup = PlatformContainer.User;
        return container;
    }
}
