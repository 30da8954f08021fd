using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Events;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Dynos;

/// <summary>
/// Restores the labels of a dyno's pod by which policies and Services select it. A pod is created and never applied, so
/// a patch with exactly the differences is sent.
/// </summary>
public sealed class LabelRestorer(IApiTransport transport, IEventRecorder events, TimeProvider clock)
{
    private const string Metadata = "metadata";

    /// <summary>
    /// Keeps a program that sets other labels from making both write for ever. A pod's uid stands for its labels.
    /// </summary>
    private readonly ContestedObjects _restored = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), clock);

    /// <summary>The failure; null if the labels are as desired, or the pod is gone.</summary>
    public async Task<ApplyFailure?> RestoreAsync(
        Dyno dyno, PodRelabelling pod, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(dyno.Metadata.NamespaceProperty, pod.Name);
        var reference = new ObjectReference(Kinds.Pod, key);
        try
        {
            var found = await transport.GetAsync(Kinds.Pod, key, cancellationToken);
            var changes = ChangesOf(found, pod);
            if (found[Metadata]?["uid"]?.GetValue<string>() != pod.Uid || changes.Count == 0)
            {
                return null;
            }

            if (_restored.WaitFor(reference, pod.Uid) is { } wait)
            {
                return Contested(reference, changes, wait);
            }

            _restored.Add(reference, pod.Uid);
            var metadata = new JsonObject { ["uid"] = pod.Uid, ["labels"] = changes };
            await transport.PatchMetadataAsync(Kinds.Pod, key, metadata, cancellationToken);
            events.Record(
                OwnerIdentity.FromObject(Kinds.Dyno, dyno),
                EventType.Normal,
                Reasons.Restored,
                $"Restored the labels of pod {pod.Name}: {string.Join(", ", changes.Select(label => label.Key))}.");
            return null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            return FailureClassifier.Describe(reference, e);
        }
    }

    private static ApplyFailure Contested(ObjectReference pod, JsonObject changes, TimeSpan wait) => new(
        pod,
        FailureClass.MayPass,
        ApplyFailure.ChangedByAdmission,
        $"labels {string.Join(", ", changes.Select(label => label.Key))} were changed again a moment after they were "
        + "put back: exempt the pods of spaces from the program that labels them.")
    {
        RetryAfter = wait,
    };

    private static JsonObject ChangesOf(JsonObject found, PodRelabelling pod)
    {
        var labels = found[Metadata]?["labels"] as JsonObject ?? [];
        var changes = new JsonObject();
        foreach (var (name, value) in pod.Labels)
        {
            if (labels[name]?.GetValue<string>() != value)
            {
                changes[name] = value;
            }
        }

        foreach (var (name, _) in labels)
        {
            if (PodLabels.IsOurs(name) && !pod.Labels.ContainsKey(name))
            {
                changes[name] = null;
            }
        }

        return changes;
    }
}
