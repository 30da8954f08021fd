using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Apps;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Apps;

/// <summary>
/// Mirrors the quantity of web in <c>spec.replicas</c>, so that <c>kubectl scale</c> and autoscalers work on an App
/// that was never scaled.
/// </summary>
public sealed class ScaleMirror(IApiTransport transport)
{
    private const string Spec = "spec";
    private const string Replicas = "replicas";

    /// <summary>
    /// Does what the plan says. The App as the API server has it then, where nothing but the operator's own write
    /// happened to it since it was observed; else as it was observed.
    /// </summary>
    public async Task<(App App, ApplyFailure? Failure)> ApplyAsync(
        App app, WebScale? scale, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name);
        try
        {
            return (scale?.Action switch
            {
                ScaleAction.Mirror => After(app, await ApplyAsync(app, key, scale.Quantity, cancellationToken)),
                ScaleAction.Release => After(app, await ApplyAsync(app, key, null, cancellationToken)),
                ScaleAction.Reset => After(app, await RemoveAsync(app, key, cancellationToken)),
                _ => app,
            }, null);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.Conflict)
        {
            // Another field manager has just taken the field, or the App is gone: the watch reports it.
            return (app, null);
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            return (app, FailureClassifier.Describe(new ObjectReference(Kinds.App, key), e));
        }
    }

    /// <summary>Without force: a field that another manager has by now stays what that one wrote.</summary>
    /// <param name="quantity">The number to write; null gives it up and removes it unless another has it.</param>
    private Task<JsonObject> ApplyAsync(App app, ObjectKey key, int? quantity, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject
        {
            ["name"] = key.Name,
            ["namespace"] = key.Namespace,
            ["uid"] = app.Metadata.Uid,
        };
        var content = new JsonObject
        {
            ["apiVersion"] = Kinds.App.ApiVersion,
            ["kind"] = Kinds.App.Kind,
            ["metadata"] = metadata,
        };
        if (quantity is { } replicas)
        {
            metadata["annotations"] = new JsonObject { [Annotations.MirroredReplicas] = "true" };
            content[Spec] = new JsonObject { [Replicas] = replicas };
        }

        return transport.ApplyAsync(
            Kinds.App,
            key,
            content,
            new WriteQuery { FieldManager = DynospaceGroup.ScaleFieldManager },
            cancellationToken);
    }

    private Task<JsonObject> RemoveAsync(App app, ObjectKey key, CancellationToken cancellationToken) =>
        transport.PatchAsync(
            Kinds.App,
            key,
            PatchFormat.Merge,
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["resourceVersion"] = app.Metadata.ResourceVersion,
                    ["uid"] = app.Metadata.Uid,
                    ["annotations"] = new JsonObject { [Annotations.MirroredReplicas] = null },
                },
                [Spec] = new JsonObject { [Replicas] = null },
            },
            new WriteQuery { FieldManager = DynospaceGroup.ScaleFieldManager },
            cancellationToken);

    /// <summary>
    /// The status that follows speaks of the generation that the write made, unless the spec changed in between.
    /// </summary>
    private static App After(App observed, JsonObject answer)
    {
        var written = JsonObjects.To<App>(answer);
        return JsonNode.DeepEquals(SpecOf(observed), SpecOf(written)) ? written : observed;
    }

    private static JsonObject SpecOf(App app)
    {
        var spec = JsonObjects.From(app.Spec);
        spec.Remove(Replicas);
        return spec;
    }
}
